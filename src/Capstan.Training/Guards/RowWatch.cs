using System.Globalization;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Looks at training rows as they pass, in memory that does not grow with them: which features never change, how often each class
/// occurs, and what each feature says about the label by itself (<see cref="SingleFeature"/>, of a sample).
/// </summary>
public sealed class RowWatch
{
    const int MostSampled = 16_384;
    const int MostNumbers = 4 << 20;
    const int FewestSampled = 200;
    const int MostLeaks = 5;
    const int MostNamed = 8;

    // A class of fewer rows can't be both learned and validated.
    const long RareRows = 10;

    readonly FeatureLayout _layout;
    readonly Loss _loss;
    readonly RowSample _sample;
    readonly float[] _row;

    // [features], numeric ones first: the value of the first row, and whether there was another.
    readonly float[] _first;
    readonly bool[] _varies;
    readonly long[] _classRows;
    long _rows;

    public RowWatch(FeatureLayout layout, Loss loss)
    {
        (_layout, _loss) = (layout, loss);
        var features = layout.Numerics.Length + layout.Categories.Length;
        _row = new float[features + 2];
        _sample = new RowSample(_row.Length, Math.Clamp(MostNumbers / _row.Length, 2, MostSampled));
        (_first, _varies) = (new float[features], new bool[features]);
        _classRows = new long[loss.Output.ClassCount];
    }

    /// <summary>Takes in some rows.</summary>
    public void Observe(TrainingBatch batch)
    {
        for (var feature = 0; feature < _first.Length; feature++)
        {
            if (!_varies[feature])
            {
                ObserveFeature(batch, feature);
            }
        }

        foreach (var label in batch.Labels)
        {
            // A share between the classes counts for neither.
            if (label >= 0 && label < _classRows.Length && label == MathF.Truncate(label))
            {
                _classRows[(int)label]++;
            }
        }

        for (var row = 0; row < batch.RowCount; row++)
        {
            if (_sample.TakesNext())
            {
                Copy(batch, row);
                _sample.Add(_row);
            }
            else
            {
                _sample.Skip();
            }
        }

        _rows += batch.RowCount;
    }

    /// <summary>What there is to warn of.</summary>
    /// <param name="classes">Names by the number of the class; null for numbers.</param>
    public IEnumerable<TrainingWarning> Warnings(IReadOnlyList<string>? classes)
    {
        string[] constant = [.. Enumerable.Range(0, _first.Length).Where(feature => !_varies[feature]).Select(feature => NameOf(feature))];
        if (constant.Length > 0 && _rows > 1)
        {
            var named = string.Join(", ", constant.Take(MostNamed).Select(name => $"'{name}'"));
            var more = constant.Length > MostNamed ? $" and {constant.Length - MostNamed} more" : "";
            yield return new TrainingWarning(
                TrainingWarningKind.ConstantFeatures,
                $"{(constant.Length == 1 ? "feature" : "features")} {named}{more} {(constant.Length == 1 ? "has" : "have")} one value in all " +
                "training rows, and can't help; leave them out");
        }

        for (var index = 0; index < _classRows.Length; index++)
        {
            if (_classRows[index] < RareRows)
            {
                var name = classes is null ? index.ToString(CultureInfo.InvariantCulture) : classes[index];
                yield return new TrainingWarning(
                    TrainingWarningKind.RareClass,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"class '{name}' has {_classRows[index]:N0} of {_rows:N0} training rows: too few to learn it or to tell how well; collect more of it, or leave it out"));
            }
        }

        foreach (var warning in Leaks())
        {
            yield return warning;
        }
    }

    IEnumerable<TrainingWarning> Leaks()
    {
        if (_sample.Count < FewestSampled)
        {
            return [];
        }

        var (labels, weights) = (_sample.Column(_row.Length - 2), _sample.Column(_row.Length - 1));
        return Enumerable.Range(0, _first.Length).Where(feature => _varies[feature])
            .Select(feature => (Name: NameOf(feature), Strength: SingleFeature.StrengthOf(
                _sample.Column(feature), isCategory: feature >= _layout.Numerics.Length, labels, weights, _loss.Output)))
            .Where(found => found.Strength?.IsImplausible == true)
            .OrderByDescending(found => found.Strength!.Value.Value).ThenBy(found => found.Name, StringComparer.Ordinal).Take(MostLeaks)
            .Select(found => new TrainingWarning(
                TrainingWarningKind.Leak,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"feature '{found.Name}' alone predicts the label with {found.Strength!.Value.Measure} {found.Strength.Value.Value:0.####}: if it is made from the label, or not yet known when predicting, leave it out")));
    }

    void ObserveFeature(TrainingBatch batch, int feature)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            var value = ValueOf(batch, feature, row);
            if (_rows == 0 && row == 0)
            {
                _first[feature] = value;
            }
            else if (value != _first[feature])
            {
                _varies[feature] = true;
                return;
            }
        }
    }

    void Copy(TrainingBatch batch, int row)
    {
        for (var feature = 0; feature < _first.Length; feature++)
        {
            _row[feature] = ValueOf(batch, feature, row);
        }

        (_row[^2], _row[^1]) = (batch.Labels[row], batch.Weights[row]);
    }

    // Categories beyond 2²⁴ share a float with their neighbours, which only makes a feature look weaker.
    float ValueOf(TrainingBatch batch, int feature, int row) => feature < _layout.Numerics.Length
        ? batch.Features.Numeric(feature)[row]
        : batch.Features.Category(feature - _layout.Numerics.Length)[row];

    string NameOf(int feature) => feature < _layout.Numerics.Length
        ? _layout.Numerics[feature].Name
        : _layout.Categories[feature - _layout.Numerics.Length].Name;
}
