using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Learns a <see cref="DnnPredictor"/>, or with <see cref="DnnOptions.Wide"/> a <see cref="WideDeepPredictor"/>, by mini-batch gradient descent: one step per batch, along the gradient of the batch's mean
/// weighted loss (Σ weight × loss / rows).
/// </summary>
/// <remarks>
/// Loss: any; values are learned in units of the label's spread, see <see cref="LabelScaling"/>. Start: weights under a
/// ReLU or GELU are normal with variance 2 / inputs, the other layers' 1 / inputs, biases and shifts 0, gains 1, embeddings normal with variance 0.01.
/// Same bits from the same seed and batches, on every machine and for any number of threads; allocates nothing once it has seen its largest
/// batch, except that a later batch whose categories come again in more of its parts needs a little more room. A batch with a loss that is not finite is not learned from:
/// <see cref="Learn"/> returns NaN and the parameters stay as they were.
/// Source of the start: K. He et al., "Delving deep into rectifiers", ICCV 2015, eq. 10; Y. LeCun et al., "Efficient BackProp",
/// 1998, eq. 16.
/// </remarks>
public sealed partial class DnnLearner : IResumableLearner, IWarmStartLearner, IDisposable
{
    readonly DnnOptions _options;
    readonly LabelScaling _labelScaling;
    readonly DnnShape _shape;
    readonly float[] _embeddings;
    readonly EmbeddingTable[] _tables;
    readonly DenseLayers _layers;
    readonly Optimizer _layerOptimizer;
    readonly BatchGradients _gradients;
    readonly WidePart? _wide;
    readonly OffsetPart? _offset;
    readonly WorkCrew _crew;
    readonly Action<int> _updateOne;
    double _rate;
    long _stepCount;

    // Batches begun: what dropout draws by. Those that are not learned from make no step.
    long _batchCount;

    /// <param name="labelScaling">
    /// Regression: the training labels' <see cref="LabelScaling.Standard"/>, or under a log link their mean's logarithm with scale 1;
    /// learning is slow without. Classification: <see cref="LabelScaling.Identity"/>. <see cref="ScalingFor"/> gives it.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its range, or a classifier's label is scaled.</exception>
    public DnnLearner(Loss loss, FeatureLayout features, DnnOptions options, LabelScaling labelScaling)
        : this(loss, features, options, labelScaling, options.Threads)
    {
    }

    /// <param name="threads">In place of the options', which are another machine's.</param>
    internal DnnLearner(Loss loss, FeatureLayout features, DnnOptions options, LabelScaling labelScaling, int threads)
    {
        Loss = loss;
        _options = options;
        _labelScaling = labelScaling;
        _shape = options.ShapeFor(features, loss.Output.Width);
        var start = DnnStart.Draw(_shape, options.Seed);

        // Checks output, scaling and start together.
        _ = new DnnPredictor(loss.Output, _shape, ImmutableCollectionsMarshal.AsImmutableArray(start), labelScaling);
        _embeddings = start[.._shape.EmbeddingParameterCount];
        _tables = [.. features.Categories.Select((spec, index) => CreateTable(spec, index))];
        _layers = new DenseLayers(_shape);
        _layers.CopyFrom(start);
        _layerOptimizer = Optimizer.Create(options, _layers.Values.Length);
        _offset = OffsetFeature.IndexOf(options.Offset, features, loss) is >= 0 and var offset
            ? new OffsetPart(offset, labelScaling.Scale)
            : null;
        _offset?.ClearInput(_layers);
        _wide = options.Wide is null ? null : new WidePart(features, options.Wide, loss.Output.Width);
        var needsSlopes = LayerSlopes.AreNeeded(_shape, options.Dropout);
        _crew = new WorkCrew(threads);
        _gradients = new BatchGradients(
            _shape, NetworkLoss.For(loss, labelScaling), _tables, _wide, _offset, _crew,
            () => needsSlopes ? new LayerSlopes(_shape, options.Dropout, options.Seed) : null);
        _updateOne = UpdateOne;
    }

    public Loss Loss { get; }

    /// <summary>The training loop's own share of the learning rate, on top of the options' schedule; 1 until set.</summary>
    public double LearningRateFactor { get; set; } = 1;

    public double? LearningRate => _options.LearningRate * _options.RateFactorAt(Math.Max(1, _stepCount)) * LearningRateFactor;

    /// <inheritdoc/>
    /// <returns>
    /// Σ weight × loss, in the units that <see cref="Training.Loss"/> states, without the L2 penalty. NaN if it is not finite; then
    /// nothing was learned.
    /// </returns>
    public double Learn(TrainingBatch batch)
    {
        if (batch.RowCount == 0)
        {
            return 0;
        }

        _batchCount++;
        var loss = ComputeGradients(batch);
        if (!double.IsFinite(loss))
        {
            return double.NaN;
        }

        _offset?.ClearInput(_gradients.Layers);
        AddPenalties();
        ClipGradients();
        Step();
        _wide?.Update(batch.RowCount);
        return loss;
    }

    /// <summary>The scaling under which a network learns a loss well.</summary>
    /// <param name="labels">The training labels' moments.</param>
    public static LabelScaling ScalingFor(Loss loss, in LabelMoments labels) => loss.Output.Link switch
    {
        Link.Identity => LabelScaling.Standard(labels.Mean, labels.StandardDeviation),
        Link.Log => new LabelScaling(Baseline.Score(loss.Output, labels), 1),
        _ => LabelScaling.Identity,
    };

    public IPredictor Freeze()
    {
        var parameters = new float[_shape.ParameterCount];
        _embeddings.CopyTo(parameters.AsSpan());
        _layers.CopyTo(parameters);
        var deep = new DnnPredictor(Loss.Output, _shape, ImmutableCollectionsMarshal.AsImmutableArray(parameters), _labelScaling);
        var wide = _wide?.Freeze(Loss.Output, _labelScaling.Scale);
        wide = _offset?.Freeze(Loss.Output, _shape.Features, wide) ?? wide;
        return wide is null ? deep : new WideDeepPredictor(wide, deep);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Or its labels are scaled otherwise than this learner's.</exception>
    public void StartAt(IPredictor start)
    {
        var deep = start is WideDeepPredictor both ? both.Deep : start as DnnPredictor;
        if (deep is null || start is WideDeepPredictor != (_wide is not null || _offset is not null) || !deep.Shape.IsLaidOutAs(_shape)
            || deep.Output != Loss.Output || deep.LabelScaling != _labelScaling)
        {
            throw new ArgumentException(
                $"This network can't start at a {start.GetType().Name} of {start.Output} of another shape or scaling; carry it over first.",
                nameof(start));
        }

        deep.Parameters.AsSpan(0, _embeddings.Length).CopyTo(_embeddings);
        _layers.CopyFrom(deep.Parameters.AsSpan());
        _offset?.ClearInput(_layers);
        if (start is WideDeepPredictor { Wide: var wide })
        {
            _wide?.StartAt(wide, _labelScaling.Scale);
        }
    }

    public void Save(CheckpointWriter state)
    {
        state.Number(201, _stepCount);
        state.Double(202, LearningRateFactor);
        state.Number(205, _batchCount);
        state.Floats(203, _embeddings);
        state.Floats(204, _layers.Values);
        _layerOptimizer.Save(state);
        foreach (var table in _tables)
        {
            table.Save(state);
        }

        _wide?.Save(state);
    }

    public void Restore(CheckpointReader state)
    {
        _stepCount = state.Number(201, 0, long.MaxValue);
        LearningRateFactor = state.Double(202);
        _batchCount = state.Number(205, 0, long.MaxValue);
        state.Floats(203, _embeddings);
        state.Floats(204, _layers.Values);
        _layerOptimizer.Restore(state);
        foreach (var table in _tables)
        {
            table.Restore(state);
        }

        _wide?.Restore(state);
    }

    /// <summary>Ends the threads that help; nothing is learned any more.</summary>
    public void Dispose() => _crew.Dispose();

    internal DnnShape Shape => _shape;

    /// <summary>All tables, laid out as <see cref="DnnShape"/> says.</summary>
    internal float[] Embeddings => _embeddings;

    internal DenseLayers Layers => _layers;

    internal BatchGradients Gradients => _gradients;

    /// <summary>What an offset's place among the network's inputs must not learn from, of gradients or weights.</summary>
    internal void ClearOffset(DenseLayers layers) => _offset?.ClearInput(layers);

    /// <summary>Computes the loss of a batch, and its gradients.</summary>
    internal double ComputeGradients(TrainingBatch batch) => _gradients.Compute(batch, _embeddings, _layers, _batchCount);

    /// <summary>The gradient as the flat parameters are laid out, 0 for embeddings that did not occur. For tests.</summary>
    internal float[] FlatGradients()
    {
        var flat = new float[_shape.ParameterCount];
        _gradients.Layers.CopyTo(flat);
        for (var feature = 0; feature < _tables.Length; feature++)
        {
            for (var category = 0; category < _shape.Features.Categories[feature].Cardinality; category++)
            {
                _tables[feature].GradientOf(category)
                    .CopyTo(flat.AsSpan(_shape.EmbeddingOffset(feature) + category * _tables[feature].Dimension));
            }
        }

        return flat;
    }

    EmbeddingTable CreateTable(FeatureSpec feature, int index)
    {
        var dimension = _shape.EmbeddingDimensions[index];
        return new EmbeddingTable(
            feature.Cardinality,
            dimension,
            _shape.EmbeddingOffset(index),
            Optimizer.Create(_options, feature.Cardinality * dimension));
    }
}
