using System.Globalization;
using Capstan.Data;
using Capstan.Features;
using Microsoft.ML.OnnxRuntime;

namespace Capstan.Models.OnnxRuntime;

/// <summary>
/// An ONNX file, read and understood: what it takes for each row, which of its outputs is the prediction, and what that means.
/// Files of
/// scikit-learn, LightGBM, XGBoost, ML.NET, PyTorch and TensorFlow converters, and Capstan's own, mostly say it all;
/// <see cref="OnnxOptions"/> says the rest.
/// </summary>
public sealed class OnnxFile : ForeignModel
{
    /// <summary>Behind the name of a column of lists: the input for how many texts there are (decision 0099).</summary>
    internal const string CountSuffix = "_count";

    /// <summary>Behind the name of a column: the input for what is missing (decision 0099).</summary>
    internal const string MissingSuffix = "_missing";

    readonly byte[] _bytes;
    readonly InferenceSession _session;
    readonly OnnxInput[] _inputs;
    readonly ChosenOutput _output;

    OnnxFile(string file, byte[] bytes, OnnxOptions options)
    {
        (File, _bytes) = (file, bytes);
        try
        {
            var nodes = new OnnxNodes(bytes);
            if (nodes.HasExternalData)
            {
                throw new ForeignModelException(
                    file, "its weights are in other files beside it. Save it as one file, all weights inside.");
            }

            _session = OnnxRuntimeModels.OpenSession(bytes);
            _inputs =
            [
                .. _session.InputNames
                    .Where(name => !IsCountOfList(name))
                    .Select(name => OnnxInput.Of(name, _session.InputMetadata[name])),
            ];
            if (_inputs.Length == 0)
            {
                throw new ForeignModelException(file, "it takes no input, so it can't predict rows.");
            }

            _output = new OnnxOutputs(_session, nodes).Choose(options);
        }
        catch (FormatException cause)
        {
            throw new ForeignModelException(file, $"it is no ONNX file, or cut off: {cause.Message}", cause);
        }
        catch (OnnxRuntimeException cause)
        {
            throw new ForeignModelException(
                file, $"ONNX Runtime refuses it: {cause.Message} Export it again with standard operators.", cause);
        }
        catch (ArgumentException cause)
        {
            throw new ForeignModelException(file, cause.Message, cause);
        }

        OnnxRuntimeModels.Enable();
    }

    public override string File { get; }

    public override string Description =>
        _session.ModelMetadata.ProducerName is { Length: > 0 } producer ? $"ONNX by {producer}" : "ONNX";

    public override ModelOutput Output => BindingOf([]).ModelOutput;

    public override string OutputName => _output.Name;

    public override ClassNames? Classes => _output.Classes;

    public override string? Label => _session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(OnnxModelExport.LabelKey);

    public override IReadOnlyList<string> SingleInputs =>
        [.. _inputs.Where(input => input.Width == 1).Select(input => input.Name)];

    /// <summary>Reads and understands a file.</summary>
    /// <exception cref="ForeignModelException">It is no ONNX file, has operators that ONNX Runtime does not know, or does not
    /// say what it
    /// predicts; the message says what to add.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static OnnxFile Read(string path, OnnxOptions? options = null) =>
        new(path, System.IO.File.ReadAllBytes(path), options ?? new OnnxOptions());

    /// <summary>Understands a model that is in memory.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="name">For messages.</param>
    public static OnnxFile Of(string name, byte[] bytes, OnnxOptions? options = null) =>
        new(name, bytes, options ?? new OnnxOptions());

    /// <inheritdoc/>
    public override Schema Columns(IReadOnlyList<string> names, Schema? data)
    {
        var widths = WidthsFor(names.Count == 0 ? null : names.Count, names);
        var fields = new List<Field>();
        foreach (var (input, width) in _inputs.Zip(widths))
        {
            for (var index = 0; index < width; index++)
            {
                var name = names.Count > 0 ? names[fields.Count]
                    : width == 1 ? input.Name
                    : $"{input.Name}_{index.ToString(CultureInfo.InvariantCulture)}";
                var type = IsList(input) ? DataType.TextList : input.ColumnType;
                fields.Add(new Field(
                    name, data is not null && data.IndexOf(name) >= 0 && input.Takes(data[name].Type) ? data[name].Type : type));
            }
        }

        return new Schema(fields);
    }

    /// <inheritdoc/>
    public override IForeignPredictor Over(FeatureLayout features, IReadOnlyList<string> order)
    {
        var rest = order.ToList();
        var bound = new Dictionary<string, BoundInput>(StringComparer.Ordinal);
        foreach (var input in _inputs.Where(input => input.Width is null or 1 && rest.Contains(input.Name)))
        {
            bound.Add(input.Name, new BoundInput(input.Name, [input.Name]));
            rest.Remove(input.Name);
        }

        OnnxInput[] open = [.. _inputs.Where(input => !bound.ContainsKey(input.Name))];
        var widths = Partition(open, rest.Count, rest);
        var place = 0;
        foreach (var (input, width) in open.Zip(widths))
        {
            bound.Add(input.Name, new BoundInput(input.Name, rest.GetRange(place, width)));
            place += width;
        }

        return new OnnxPredictor(_session, _bytes, features, BindingOf([.. _inputs.Select(input => bound[input.Name])]));
    }

    OnnxBinding BindingOf(IReadOnlyList<BoundInput> inputs) =>
        new(inputs, _output.Name, _output.Scores, _output.Columns, _output.Keys);

    /// <summary>How many columns each input takes.</summary>
    int[] WidthsFor(int? total, IReadOnlyList<string> names)
    {
        if (total is not null)
        {
            return Partition(_inputs, total.Value, names);
        }

        return [.. _inputs.Select(input => input.Width ?? (IsList(input) ? 1 : throw new ArgumentException(
            $"The ONNX model '{File}' does not say how many columns its input {input} takes; name them (--columns a,b,c)."))) ];
    }

    /// <summary>How many of some columns each input takes; one input of any width takes what the others leave.</summary>
    int[] Partition(OnnxInput[] inputs, int total, IReadOnlyList<string> names)
    {
        var known = inputs.Sum(input => IsList(input) ? 1 : input.Width ?? 0);
        var open = inputs.Count(input => input.Width is null && !IsList(input));
        if (open > 1 || (open == 0 && known != total) || (open == 1 && known >= total))
        {
            throw new ArgumentException(
                $"The ONNX model '{File}' takes {string.Join(", ", inputs.Select(input => input.ToString()))}" +
                $"{(inputs.Length == 0 ? "no more columns" : "")}; it was given {total} ({string.Join(", ", names)}). " +
                "Give each input of one value a column or feature of its name, and the others as many as they take, " +
                "in their order.");
        }

        return [.. inputs.Select(input => IsList(input) ? 1 : input.Width ?? total - known)];
    }

    bool IsList(OnnxInput input) =>
        input is { IsText: true, Width: null } && _session.InputMetadata.ContainsKey($"{input.Name}{CountSuffix}");

    bool IsCountOfList(string name) => name.EndsWith(CountSuffix, StringComparison.Ordinal)
        && _session.InputMetadata.TryGetValue(name[..^CountSuffix.Length], out var list)
        && list is { IsTensor: true, IsString: true } && list.Dimensions is [_, -1];
}
