using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Something that learns a model from a data set. Its knobs are set at construction; fitting does not change it.
/// </summary>
public abstract class Estimator
{
    private protected Estimator(string label, EstimatorKind kind) => Pipeline = new Pipeline
    {
        Label = label, Estimator = new EstimatorDefinition { Kind = kind },
    };

    /// <summary>The same as a pipeline, which can be saved, edited and run from the command line.</summary>
    public Pipeline Pipeline { get; private protected set; }

    /// <summary>
    /// Expressions by feature name; where there are none, features are made from the schema.
    /// <see cref="FeatureDefinitions"/> adds them one by one, as lambdas too.
    /// </summary>
    public IReadOnlyDictionary<string, Expr> Features
    {
        get => Pipeline.Features.ToDictionary(feature => feature.Key, feature => ExprParser.Parse(feature.Value));
        init => Pipeline = Pipeline with
        {
            Features = value.ToDictionary(feature => feature.Key, feature => feature.Value.ToString()),
        };
    }

    /// <summary>Whether features are also made from the schema; null: only where <see cref="Features"/> is empty.</summary>
    public bool? AutomaticFeatures
    {
        get => Pipeline.AutomaticFeatures;
        init => Pipeline = Pipeline with { AutomaticFeatures = value };
    }

    /// <summary>
    /// An expression that is added to every score as it is, in predictions too: <c>log(exposure)</c> under a Poisson loss; null for none.
    /// </summary>
    public Expr? Offset
    {
        get => Pipeline.Offset is { } text ? ExprParser.Parse(text) : null;
        init => Pipeline = Pipeline with { Offset = value?.ToString() };
    }

    /// <summary>The model's name; null for that of the data.</summary>
    public string? Name
    {
        get => Pipeline.Name;
        init => Pipeline = Pipeline with { Name = value };
    }

    /// <summary>A condition that rows must meet to be learned from and evaluated; null for all rows.</summary>
    public Expr? Filter
    {
        get => Pipeline.Filter is { } text ? ExprParser.Parse(text) : null;
        init => Pipeline = Pipeline with { Filter = value?.ToString() };
    }

    /// <summary>An expression ≥ 0 that says how much each row counts; null for 1.</summary>
    public Expr? Weight
    {
        get => Pipeline.Weight is { } text ? ExprParser.Parse(text) : null;
        init => Pipeline = Pipeline with { Weight = value?.ToString() };
    }

    /// <summary>Types of raw columns where the inferred ones are not wanted.</summary>
    public IReadOnlyDictionary<string, DataType> Types
    {
        // The pipeline's check refuses names of no type before anything runs.
        get => Pipeline.Types.ToDictionary(type => type.Key, type => Schema.TypeNamed(type.Value)!.Value);
        init => Pipeline = Pipeline with { Types = value.ToDictionary(type => type.Key, type => Schema.NameOf(type.Value)) };
    }

    /// <summary>Raw columns that automatic features leave out.</summary>
    public IReadOnlyList<string> Exclude
    {
        get => Pipeline.Exclude;
        init => Pipeline = Pipeline with { Exclude = value };
    }

    /// <summary>Which rows are held out for early stopping and the metrics of the model.</summary>
    public ValidationDefinition Validation
    {
        get => Pipeline.Validation;
        init => Pipeline = Pipeline with { Validation = value };
    }

    /// <summary>Passes over the data, at most; null for the default.</summary>
    public int? Epochs
    {
        get => Pipeline.Estimator.Epochs;
        init => Change(estimator => estimator with { Epochs = value });
    }

    public int? BatchSize
    {
        get => Pipeline.Estimator.BatchSize;
        init => Change(estimator => estimator with { BatchSize = value });
    }

    /// <summary>Stop after so many epochs, or trees, without a better validation loss.</summary>
    public int? Patience
    {
        get => Pipeline.Estimator.Patience;
        init => Change(estimator => estimator with { Patience = value });
    }

    /// <summary>Learn in one pass, in the order of the data, and store nothing: for data too large to keep its features on disk.</summary>
    public bool Stream
    {
        get => Pipeline.Estimator.Stream;
        init => Change(estimator => estimator with { Stream = value });
    }

    public double? LearningRate
    {
        get => Pipeline.Estimator.LearningRate;
        init => Change(estimator => estimator with { LearningRate = value });
    }

    public double? L2
    {
        get => Pipeline.Estimator.L2;
        init => Change(estimator => estimator with { L2 = value });
    }

    /// <summary>
    /// A classifier of two classes: how its probabilities are made to hold on the rows held out for validation; null leaves them as learned.
    /// </summary>
    public CalibrationKind? Calibration
    {
        get => Pipeline.Calibration;
        init => Pipeline = Pipeline with { Calibration = value };
    }

    /// <summary>
    /// A regressor: the share of labels that shall lie inside of prediction intervals, such as <c>0.9</c>; null for none.
    /// </summary>
    public IntervalDefinition? Intervals
    {
        get => Pipeline.Intervals;
        init => Pipeline = Pipeline with { Intervals = value };
    }

    /// <summary>The same seed, data and options give the same model to the bit.</summary>
    public ulong Seed
    {
        get => Pipeline.Seed;
        init => Pipeline = Pipeline with { Seed = value };
    }

    /// <summary>How many threads read and analyse the data; all by default. Changes no result.</summary>
    public int Threads { get; init; } = ParallelPass.AllThreads;

    /// <summary>
    /// Whether the database that holds the rows (PostgreSQL, or DuckDB over Parquet files) finds what the features need, so that the rows come out once.
    /// </summary>
    public bool Pushdown { get; init; }

    /// <summary>
    /// Where the training's state is kept: fitting again after a crash goes on from there, to the same bits. Null for nowhere.
    /// </summary>
    public CheckpointOptions? Checkpoint { get; init; }

    /// <summary>
    /// An earlier model of the same family and label whose parameters learning begins at, feature by feature of the same name; null
    /// for a start of its own.
    /// </summary>
    public TrainedModel? From { get; init; }

    /// <summary>Learns a model.</summary>
    /// <exception cref="LabelException">The label is missing, constant, or of the wrong kind.</exception>
    public Task<TrainedModel> FitAsync(
        Dataset dataset, IProgress<TrainingReport>? progress = null, CancellationToken cancellationToken = default) =>
        new PipelineTraining(Pipeline, TimeProvider.System, progress)
        {
            Threads = Threads, Pushdown = Pushdown, Checkpoint = Checkpoint, From = From,
        }.RunAsync(dataset, cancellationToken);

    /// <summary>The same estimator with another pipeline.</summary>
    internal Estimator With(Pipeline pipeline)
    {
        var copy = (Estimator)MemberwiseClone();
        copy.Pipeline = pipeline;
        return copy;
    }

    private protected Loss? LossOfPipeline
    {
        get => Pipeline.Estimator.Loss is { } text ? LossText.Parse(text) : null;
        set => Change(estimator => estimator with { Loss = value is null ? null : LossText.Of(value) });
    }

    private protected void Change(Func<EstimatorDefinition, EstimatorDefinition> change) =>
        Pipeline = Pipeline with { Estimator = change(Pipeline.Estimator) };
}
