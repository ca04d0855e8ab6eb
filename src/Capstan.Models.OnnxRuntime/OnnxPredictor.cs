using Capstan.Features;
using Microsoft.ML.OnnxRuntime;

namespace Capstan.Models.OnnxRuntime;

/// <summary>
/// An ONNX model as a predictor. Immutable and thread-safe; each caller brings a workspace. Its scores may differ in their
/// last digits
/// with the number of rows in a batch and with the processor: ONNX Runtime adds in another order then. Allocates in every call.
/// </summary>
public sealed class OnnxPredictor : IForeignPredictor
{
    // As many rows as are given to a model of any number at a time: what they take stays in the processor's caches.
    const int MostRows = 1024;

    readonly InferenceSession _session;
    readonly byte[] _content;
    readonly OnnxBinding _binding;
    readonly OnnxInput[] _inputs;
    readonly int? _fixedRows;

    /// <exception cref="ArgumentException">Features, binding and model don't fit.</exception>
    internal OnnxPredictor(InferenceSession session, byte[] content, FeatureLayout features, OnnxBinding binding)
    {
        (_session, _content, Features, _binding) = (session, content, features, binding);
        _inputs =
        [
            .. binding.Inputs.Select(bound => session.InputMetadata.TryGetValue(bound.Name, out var metadata)
                ? OnnxInput.Of(bound.Name, metadata)
                : throw new ArgumentException($"The ONNX model has no input '{bound.Name}'.")),
        ];
        int[] fixedRows = [.. _inputs.Select(input => input.Rows).OfType<int>().Distinct()];
        _fixedRows = fixedRows.Length switch
        {
            0 => null,
            1 => fixedRows[0],
            _ => throw new ArgumentException(
                $"Its inputs take {string.Join(" and ", fixedRows)} rows at a time; expected one number of rows."),
        };
        _ = CreateFeeds(); // whatever does not fit is said now
    }

    public ModelOutput Output => _binding.ModelOutput;

    public FeatureLayout Features { get; }

    public string Runtime => OnnxRuntimeModels.RuntimeName;

    /// <summary>The bytes of the <c>.onnx</c> file.</summary>
    public ReadOnlyMemory<byte> Content => _content;

    public string Binding => _binding.ToJson();

    public PredictorWorkspace CreateWorkspace() => new Workspace(this);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lengths or layouts differ, or the workspace is another predictor's.</exception>
    /// <exception cref="ForeignModelException">The model fails on these rows, or gives no finite numbers for one.</exception>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (workspace is not Workspace own || own.Owner != this)
        {
            throw new ArgumentException(
                "The workspace is another predictor's; take one from this predictor's CreateWorkspace.", nameof(workspace));
        }

        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                "The features are laid out otherwise than at the import; use the transform that the model was imported with.",
                nameof(features));
        }

        var width = Output.Width;
        if (scores.Length != (long)features.RowCount * width)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need {width} each.", nameof(scores));
        }

        for (var first = 0; first < features.RowCount;)
        {
            var count = Math.Min(_fixedRows ?? MostRows, features.RowCount - first);
            Run(features, first, count, scores.Slice(first * width, count * width), own);
            first += count;
        }
    }

    void Run(FeatureBuffer features, int first, int count, Span<float> scores, Workspace own)
    {
        var rows = _fixedRows ?? count;
        var tensors = new Dictionary<string, OrtValue>();
        try
        {
            foreach (var feed in own.Feeds)
            {
                feed.Feed(features, first, count, rows, tensors);
            }

            using var options = new RunOptions();
            using var outputs = _session.Run(options, tensors, [_binding.Output]);
            own.Reader.Read(outputs[0], count, rows, scores);
        }
        catch (OnnxRuntimeException cause)
        {
            throw new ForeignModelException(
                _binding.Output, $"ONNX Runtime fails on rows {first + 1} to {first + count}: {cause.Message}", cause);
        }
        catch (ArgumentException cause)
        {
            throw new ForeignModelException(_binding.Output, cause.Message, cause);
        }
        finally
        {
            foreach (var tensor in tensors.Values)
            {
                tensor.Dispose();
            }
        }
    }

    InputFeed[] CreateFeeds() => [.. _inputs.Zip(_binding.Inputs, Feed)];

    InputFeed Feed(OnnxInput input, BoundInput bound)
    {
        FeatureCells[] cells = [.. bound.Features.Select(name => FeatureCells.Of(Features, name))];
        var isList = cells is [{ Type: Data.DataType.TextList }]
            && _session.InputMetadata.ContainsKey($"{input.Name}{OnnxFile.CountSuffix}");
        if (!isList && (cells.Length == 0 || (input.Width is { } width && width != cells.Length)))
        {
            throw new ArgumentException($"Its input {input} takes {input.Width} values for each row and is given {cells.Length}.");
        }

        foreach (var (cell, name) in cells.Zip(bound.Features))
        {
            if (!isList && (input.IsText != (cell.Type == Data.DataType.Text) || cell.Type == Data.DataType.TextList))
            {
                throw new ArgumentException(
                    $"Its input {input} can't be given '{name}', which is {Data.Schema.NameOf(cell.Type)}" +
                    (input.IsText ? "; texts go to it as raw columns, not as features." : "."));
            }
        }

        var flag = $"{input.Name}{OnnxFile.MissingSuffix}";
        return InputFeed.Of(
            input, cells, cells.Length == 1 && _session.OverridableInitializerMetadata.ContainsKey(flag) ? flag : null);
    }

    sealed class Workspace(OnnxPredictor owner) : PredictorWorkspace
    {
        public OnnxPredictor Owner { get; } = owner;

        public InputFeed[] Feeds { get; } = owner.CreateFeeds();

        public ScoreReader Reader { get; } = new(owner._binding);
    }
}
