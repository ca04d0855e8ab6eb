using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Capstan.Models.OnnxRuntime;

/// <summary>Turns a model's output into scores as <see cref="ModelOutput"/> means them: values, log-odds, or logits.</summary>
sealed class ScoreReader(OnnxBinding binding)
{
    // A float's 1/(1+e^−x) is exactly 0 or 1 from here on, so nothing is lost, and the score stays finite.
    const double MostLogOdds = 104;

    double[] _values = [];

    /// <param name="count">Rows wanted: the first of the output's.</param>
    /// <param name="rows">Rows that the model was given.</param>
    /// <param name="scores">[count × width], overwritten.</param>
    /// <exception cref="ArgumentException">The output has another shape, or its numbers are none, or no
    /// probabilities.</exception>
    public void Read(OrtValue output, int count, int rows, Span<float> scores)
    {
        if (_values.Length < rows * binding.Columns)
        {
            _values = new double[rows * binding.Columns];
        }

        var values = _values.AsSpan(0, rows * binding.Columns);
        if (binding.Keys is null)
        {
            ReadTensor(output, values, rows);
        }
        else
        {
            ReadMaps(output, values, rows);
        }

        for (var row = 0; row < count; row++)
        {
            var own = values.Slice(row * binding.Columns, binding.Columns);
            Check(own, row);
            Convert(own, scores.Slice(row * scores.Length / count, scores.Length / count));
        }
    }

    void ReadTensor(OrtValue output, Span<double> values, int rows)
    {
        var shape = output.GetTensorTypeAndShape();
        if (shape.ElementCount != values.Length)
        {
            throw new ArgumentException(
                $"its output '{binding.Output}' has the shape [{string.Join(", ", shape.Shape)}] for {rows} rows; " +
                $"expected {binding.Columns} numbers for each.");
        }

        switch (shape.ElementDataType)
        {
            case TensorElementType.Float:
                Copy<float>(output, values, value => value);
                break;
            case TensorElementType.Double:
                Copy<double>(output, values, value => value);
                break;
            case TensorElementType.Float16:
                Copy<Float16>(output, values, value => (float)value);
                break;
            case TensorElementType.Int64:
                Copy<long>(output, values, value => value);
                break;
            case TensorElementType.Int32:
                Copy<int>(output, values, value => value);
                break;
            default:
                throw new ArgumentException($"its output '{binding.Output}' holds {shape.ElementDataType}; expected numbers.");
        }
    }

    static void Copy<T>(OrtValue output, Span<double> values, Func<T, double> convert)
        where T : unmanaged
    {
        var source = output.GetTensorDataAsSpan<T>();
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = convert(source[index]);
        }
    }

    /// <summary>A map from class to number for each row, as scikit-learn's converter writes them.</summary>
    void ReadMaps(OrtValue output, Span<double> values, int rows)
    {
        var keys = binding.Keys!; // checked by the caller
        if (output.GetValueCount() != rows)
        {
            throw new ArgumentException($"its output '{binding.Output}' has {output.GetValueCount()} maps for {rows} rows.");
        }

        int[]? places = null;
        for (var row = 0; row < rows; row++)
        {
            using var map = output.GetValue(row, OrtAllocator.DefaultInstance);
            using var numbers = map.GetValue(1, OrtAllocator.DefaultInstance);
            if (places is null)
            {
                using var found = map.GetValue(0, OrtAllocator.DefaultInstance);
                places = PlacesOf(found, keys);
            }

            var source = numbers.GetTensorDataAsSpan<float>();
            for (var index = 0; index < keys.Count; index++)
            {
                values[row * keys.Count + index] = source[places[index]];
            }
        }
    }

    /// <summary>Where each class is among a map's keys, which are the same for every row.</summary>
    int[] PlacesOf(OrtValue found, IReadOnlyList<string> keys)
    {
        string[] names = found.GetTensorTypeAndShape().ElementDataType == TensorElementType.String
            ? found.GetStringTensorAsArray()
            : [.. found.GetTensorDataAsSpan<long>().ToArray().Select(key => key.ToString(CultureInfo.InvariantCulture))];
        int[] places = [.. keys.Select(key => Array.IndexOf(names, key))];
        return names.Length == keys.Count && !places.Contains(-1) ? places : throw new ArgumentException(
            $"its output '{binding.Output}' has numbers for the classes {string.Join(", ", names)}; " +
            $"expected {string.Join(", ", keys)}.");
    }

    void Check(ReadOnlySpan<double> values, int row)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value) || (binding.Scores == OnnxScores.Probabilities && value is < -1e-3 or > 1.001))
            {
                throw new ArgumentException(
                    $"its output '{binding.Output}' is {value:R} for row {row + 1}; expected " +
                    (binding.Scores == OnnxScores.Probabilities
                        ? "a probability from 0 to 1. If these are logits, import the model again and say so (--scores logits)."
                        : "a finite number. Does it take missing values? If not, impute them in a pipeline before it."));
            }
        }
    }

    void Convert(ReadOnlySpan<double> values, Span<float> scores)
    {
        switch (binding.Scores, values.Length)
        {
            case (OnnxScores.Value, _) or (OnnxScores.Logits, 1):
                scores[0] = (float)values[0];
                break;
            case (OnnxScores.Logits, 2):
                scores[0] = (float)(values[1] - values[0]);
                break;
            case (OnnxScores.Probabilities, 1):
                scores[0] = LogOdds(values[0], 1 - values[0]);
                break;
            case (OnnxScores.Probabilities, 2):
                scores[0] = LogOdds(values[1], values[0]);
                break;
            default:
                for (var index = 0; index < values.Length; index++)
                {
                    scores[index] = binding.Scores == OnnxScores.Logits
                        ? (float)values[index]
                        : (float)Math.Max(-MostLogOdds, Math.Log(Math.Max(values[index], 0)));
                }

                break;
        }
    }

    static float LogOdds(double positive, double negative) => positive == negative ? 0 : (float)Math.Clamp(
        Math.Log(Math.Max(positive, 0)) - Math.Log(Math.Max(negative, 0)), -MostLogOdds, MostLogOdds);
}
