using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A trained feed-forward network over [numeric features | embeddings of the category features]. All of it is in
/// <see cref="Shape"/>, <see cref="Parameters"/> and <see cref="LabelScaling"/>. Immutable; safe to share between threads.
/// </summary>
/// <remarks>
/// Who only predicts holds the weights once, as the kernels like them. The flat <see cref="Parameters"/> of a network that was read from an artifact are
/// made when they are first asked for, and kept.
/// </remarks>
public sealed class DnnPredictor : IExplainablePredictor
{
    readonly DenseLayers _layers;
    readonly float[] _embeddings;
    float[]? _parameters;

    /// <param name="parameters">[shape.ParameterCount] finite numbers, laid out as <see cref="DnnShape"/> says.</param>
    /// <param name="output">As many scores as the shape has outputs.</param>
    /// <param name="labelScaling"><see cref="Models.LabelScaling.Identity"/> for classification.</param>
    /// <exception cref="ArgumentException">The parameters do not fit the shape or are not finite, or the scaling can't
    /// be.</exception>
    public DnnPredictor(ModelOutput output, DnnShape shape, ImmutableArray<float> parameters, LabelScaling labelScaling)
        : this(output, shape, parameters.AsSpan(), labelScaling) => _parameters = ImmutableCollectionsMarshal.AsArray(parameters);

    DnnPredictor(ModelOutput output, DnnShape shape, ReadOnlySpan<float> parameters, LabelScaling labelScaling)
    {
        if (output.Width != shape.OutputCount)
        {
            throw new ArgumentException(
                $"The network's last layer has {shape.OutputCount:N0} outputs; {output.Width:N0} scores are expected.", nameof(output));
        }

        if (parameters.Length != shape.ParameterCount)
        {
            throw new ArgumentException(
                $"The network's shape needs {shape.ParameterCount:N0} parameters; there are {parameters.Length:N0}.",
                nameof(parameters));
        }

        if (FloatBytes.IndexOfNotFinite(parameters) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"Parameter {index:N0} is {parameters[index]}; all must be finite. Did training diverge? Lower its rate.",
                nameof(parameters));
        }

        if (!float.IsFinite(labelScaling.Mean) || labelScaling.Scale is not (> 0 and < float.PositiveInfinity))
        {
            throw new ArgumentException(
                $"{labelScaling} is no scaling: the mean must be finite, the scale above 0 and finite.", nameof(labelScaling));
        }

        if (output.Task != ModelTask.Regression && labelScaling != LabelScaling.Identity)
        {
            throw new ArgumentException($"A classifier's log-odds are not scaled; found {labelScaling}.", nameof(labelScaling));
        }

        Output = output;
        Shape = shape;
        LabelScaling = labelScaling;
        _embeddings = parameters[..shape.EmbeddingParameterCount].ToArray();
        _layers = new DenseLayers(shape);
        _layers.CopyFrom(parameters);
    }

    /// <summary>A network of parameters that are another's: they are copied.</summary>
    /// <inheritdoc cref="DnnPredictor(ModelOutput, DnnShape, ImmutableArray{float}, LabelScaling)"/>
    internal static DnnPredictor CopyOf(ModelOutput output, DnnShape shape, ReadOnlySpan<float> parameters, LabelScaling labelScaling) =>
        new(output, shape, parameters, labelScaling);

    public ModelOutput Output { get; }

    public FeatureLayout Features => Shape.Features;

    public DnnShape Shape { get; }

    /// <summary>[Shape.ParameterCount] laid out as <see cref="DnnShape"/> says.</summary>
    public ImmutableArray<float> Parameters => ImmutableCollectionsMarshal.AsImmutableArray(Volatile.Read(ref _parameters) ?? Flat());

    public LabelScaling LabelScaling { get; }

    public PredictorWorkspace CreateWorkspace() => new Workspace(this);

    /// <summary>Attributions are integrated gradients.</summary>
    public IAttributor CreateAttributor(ReferenceRows reference) => new IntegratedGradients(this, reference);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The lengths or layouts differ, a category is out of range, or the workspace is another predictor's.
    /// </exception>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (workspace is not Workspace own || own.Owner != this)
        {
            throw new ArgumentException(
                "The workspace is another predictor's; take one from this predictor's CreateWorkspace.", nameof(workspace));
        }

        var width = Output.Width;
        if (scores.Length != (long)features.RowCount * width)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length} scores, and {features.RowCount} rows, which need {width} each.",
                nameof(scores));
        }

        if (features.Layout != Features && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                "The features are laid out otherwise than in training; use the transform that the model was trained with.",
                nameof(features));
        }

        var pass = own.Pass;
        for (var first = 0; first < features.RowCount; first += ForwardPass.MaxRows)
        {
            var rows = Math.Min(ForwardPass.MaxRows, features.RowCount - first);
            pass.Run(features, first, rows, _embeddings, _layers);
            var output = pass.Output(Shape.LayerCount - 1, rows);
            for (var row = 0; row < rows; row++)
            {
                for (var score = 0; score < width; score++)
                {
                    scores[(first + row) * width + score] = LabelScaling.Unscale(output[row, score]);
                }
            }
        }
    }

    /// <summary>Of several callers that ask at first, all get the same.</summary>
    float[] Flat()
    {
        var parameters = new float[Shape.ParameterCount];
        _embeddings.CopyTo(parameters, 0);
        _layers.CopyTo(parameters);
        return Interlocked.CompareExchange(ref _parameters, parameters, null) ?? parameters;
    }

    sealed class Workspace(DnnPredictor owner) : PredictorWorkspace
    {
        public DnnPredictor Owner { get; } = owner;

        public ForwardPass Pass { get; } = new(owner.Shape, room: ForwardPass.FewRows);
    }
}
