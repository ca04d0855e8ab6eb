using System.Text.Json;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Runs a pipeline over a data set: statistics, preprocessing, learning, evaluation, artifact. Each step is a method, in the
/// order in which they happen.
/// </summary>
/// <param name="clock">For durations and the lineage's date.</param>
/// <param name="kept">Where statistics and analyses of earlier trainings are and this one's go; null for nowhere.</param>
public sealed partial class PipelineTraining(
    Pipeline pipeline, TimeProvider clock, IProgress<TrainingReport>? progress, AnalysisFolder? kept = null)
{
    const int GoldenRowCount = 16;
    const int KeptValues = 1000;
    const int SampleRows = 100_000;

    /// <summary>How many threads read and analyse the data; all by default. Changes no result.</summary>
    public int Threads { get; init; } = ParallelPass.AllThreads;

    /// <summary>
    /// Whether the database that holds the rows finds what the features need, by SQL (<see cref="DatabaseRows"/>): the rows then come out once, to be
    /// learned from, instead of twice. What it can't find as it is found here is refused by name.
    /// </summary>
    public bool Pushdown { get; init; }

    /// <summary>A model whose parameters learning begins at, before <see cref="Pipeline.From"/>; null for that one.</summary>
    public TrainedModel? From { get; init; }

    WarmStart? _start;

    /// <summary>Trains a model.</summary>
    /// <exception cref="LabelException">The label is missing, constant, or of the wrong kind.</exception>
    /// <exception cref="PipelineException">The pipeline is wrong in itself or does not fit the data.</exception>
    /// <exception cref="PushdownException">The rows can't be asked about where they are.</exception>
    /// <exception cref="SqlNotSupportedException">The database can't find a feature's constants.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite in the first epoch.</exception>
    /// <exception cref="CorruptArtifactException">The model to begin at is missing or damaged.</exception>
    /// <exception cref="CheckpointRefusedException">The checkpoints are of another training, or another process uses them.</exception>
    public async Task<TrainedModel> RunAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var started = clock.GetTimestamp();
        var earlier = From ?? (pipeline.From is null ? null : TrainedModel.Load(pipeline.From));
        _start = earlier is null ? null : new WarmStart(earlier, pipeline);
        var source = await OpenAsync(dataset, cancellationToken);
        // Before the first pass over the data: a folder of another training is better missed now.
        using var checkpoints = Checkpoint is null ? null : OpenCheckpoints(Checkpoint, source);
        var (train, validation) = Split(source);
        var (label, transform, statistics) = await PrepareAsync(train, cancellationToken);
        var observed = statistics is null ? new ObservedSource(train, TrainingStatistics.SchemaOf(pipeline, train.Schema)) : null;
        var reference = new ReferenceSample(transform.Output, pipeline.Seed);
        var forIntervals = (IBatchSource?)null;
        if (pipeline.Intervals is not null && validation is not null)
        {
            (validation, forIntervals) = Halves(source, validation);
        }

        var (result, metrics, intervals, rows) = await LearnAsync(
            observed ?? train, validation, forIntervals, transform, label, reference, checkpoints, cancellationToken);
        statistics ??= observed!.Statistics; // there where they were not known
        var golden = await GoldenAsync(train, transform, result.Predictor, cancellationToken);
        var lineage = new Lineage
        {
            Data = dataset.Names,
            DataFingerprint = source.Fingerprint,
            Pipeline = JsonSerializer.SerializeToElement(pipeline, Pipeline.JsonOptions),
            Seed = pipeline.Seed,
            Parent = _start?.Hash.ToString(),
            CapstanVersion = CapstanVersion.Text,
            TrainingRows = rows.Training,
            ValidationRows = rows.Validation,
            RowsWithoutLabel = rows.WithoutLabel,
            EpochsRun = result.History.Length,
            Epochs = [.. result.History.Select(epoch => new EpochLosses(epoch.TrainingLoss, epoch.ValidationLoss))],
            StopReason = result.StopReason.Explanation,
            Metrics = metrics,
            CreatedAt = clock.GetUtcNow(),
            TrainingTime = clock.GetElapsedTime(started),
            AnalysedIn = Pushdown ? new DatabaseRows(train).Database : null,
        };
        var artifact = new ModelArtifact(
            transform, result.Predictor, label, source.Schema, statistics.KeepValues(KeptValues), golden, lineage)
        {
            Reference = reference.Rows,
            Intervals = intervals,
        };
        return new TrainedModel(pipeline.Name ?? dataset.ShortName, artifact);
    }

    async Task<IBatchSource> OpenAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        // Validate checked the names.
        var types = pipeline.Types.Select(type => new Field(type.Key, Schema.TypeNamed(type.Value)!.Value));
        var source = await dataset.OpenAsync(_ => types, cancellationToken);
        foreach (var name in pipeline.Types.Keys.Concat(pipeline.Exclude).Where(name => source.Schema.IndexOf(name) < 0))
        {
            throw new PipelineException([$"types or exclude: {new UnknownColumnException(name, source.Schema.Names).Message}"]);
        }

        return pipeline.Filter is null ? source : new FilteredSource(source, ExprParser.Parse(pipeline.Filter));
    }

    (IBatchSource Train, IBatchSource? Validation) Split(IBatchSource source)
    {
        var rule = pipeline.Validation;
        if (rule.Time is { } time)
        {
            var from = rule.FromMicroseconds!.Value; // Validate checked it
            return (RowSubset.ByTime(source, time, null, from), RowSubset.ByTime(source, time, from, null));
        }

        var heldOut = HeldOutPerMille;
        if (heldOut == 0 || pipeline.Estimator.Stream)
        {
            return (source, null);
        }

        var seed = (uint)pipeline.Seed;
        return (RowSubset.ByHash(source, rule.Key, seed, heldOut, 1000), RowSubset.ByHash(source, rule.Key, seed, 0, heldOut));
    }

    int HeldOutPerMille => (int)Math.Round(pipeline.Validation.Share * 1000);

    async Task<(
        TrainingResult Result,
        Dictionary<string, double> Metrics,
        PredictionIntervals? Intervals,
        (long Training, long Validation, long WithoutLabel) Rows)> LearnAsync(
        IBatchSource train, IBatchSource? validation, IBatchSource? forIntervals, FrozenTransform transform, LabelDefinition label,
        ReferenceSample reference, CheckpointFolder? checkpoints, CancellationToken cancellationToken)
    {
        var weight = pipeline.Weight is null ? null : ExprParser.Parse(pipeline.Weight);
        var loss = pipeline.Estimator.LossFor(label.Classes);
        var offset = pipeline.Offset is null ? null : ExprParser.Parse(pipeline.Offset);
        // What depends on labels must not show a training row its own.
        var rows = new FeatureRows(transform.OutOfFold, label.Expression, weight, loss, train.Schema)
        {
            // A stream's sample is of its first rows.
            Sample = pipeline.Estimator.Stream ? null : reference,
            Offset = offset,
        };
        var validationRows = new FeatureRows(transform, label.Expression, weight, loss, train.Schema) { Offset = offset };
        train = transform.TrainingRows(train);
        var watch = new RowWatch(transform.Output, loss);
        var loop = new TrainingLoop(clock) { Checkpoints = checkpoints };
        var learning = progress is null
            ? null
            : new Relay<TrainingProgress>(report => progress.Report(new TrainingReport.Learning(report)));
        if (pipeline.Estimator.Stream)
        {
            // A stream is read once, so where to start and the label's scale come from its first rows; what those leave out must
            // not count twice.
            var sample = new FeatureRows(transform.OutOfFold, label.Expression, weight, loss, train.Schema)
            {
                Sample = reference, Offset = offset,
            };
            var named = ClassFactorsOf(label, null);
            var labels = await sample.ReadLabelsAsync(
                train, SampleRows, batch => MomentsOf(batch, loss, transform.Output, named), cancellationToken);
            if (labels.RowCount < SampleRows)
            {
                CheckLabels(labels);
            }

            var learner = LearnerFor(loss, transform, labels, labels.RowCount, _start);
            using var threads = learner as IDisposable;
            var options = pipeline.Estimator.TrainingOptions(pipeline.Seed, labels.RowCount);
            var watched = WatchedAsync(rows.ReadAsync(train, Threads, cancellationToken), watch, cancellationToken);
            var streamed = await loop.RunOnceAsync(
                learner, named?.Apply(watched) ?? watched, null, options,
                train.RowCount(), learning, cancellationToken);
            NoteMissingLabels(rows.RowsWithoutLabel);
            Warn(watch.Warnings(NamesOf(label.Classes)));
            return (streamed, [], null, ((streamed.StopReason as StopReason.Completed)?.RowsLearned ?? 0, 0, rows.RowsWithoutLabel));
        }

        using var trainStore = await StoreAsync(rows, train, "computing features", watch, LearnedPool, cancellationToken);
        using var validationStore = validation is null
            ? null
            : await StoreAsync(
                validationRows, validation, "computing validation features", null, forIntervals is null ? HeldOutPool : null, cancellationToken);
        using var intervalStore = forIntervals is null
            ? null
            : await StoreAsync(validationRows, forIntervals, "computing features for intervals", null, null, cancellationToken);
        CheckLabels(trainStore.Labels);
        CheckIntervalRows(intervalStore?.RowCount ?? 0);
        Warn(watch.Warnings(NamesOf(label.Classes)));
        var factors = ClassFactorsOf(label, trainStore);
        var weighedTrain = factors is null ? trainStore : trainStore.Weighed(factors);
        var weighedValidation = factors is null ? validationStore : validationStore?.Weighed(factors);
        weighedValidation = weighedValidation is { RowCount: > 0 } ? weighedValidation : null;
        // Learning is arithmetic for minutes: not on a caller's thread.
        var result = Elsewhere is null || pipeline.Estimator.IsTrees
            ? await Task.Run(
                () => Learn(loop, loss, transform, weighedTrain, weighedValidation, _start, learning, cancellationToken, TreeSupply),
                cancellationToken)
            : await LearnElsewhereAsync(
                Elsewhere, loss, transform, weighedTrain, weighedValidation, learning, cancellationToken);
        Warn(LearningCheck.Of(result, loss, StartingMoments(loss, weighedTrain), pipeline.Offset is not null));
        (result, var metrics) = Measure(result, validationStore);
        progress?.Report(new TrainingReport.Validated(metrics));
        var withoutLabel = rows.RowsWithoutLabel + validationRows.RowsWithoutLabel;
        NoteMissingLabels(withoutLabel);
        var intervals = await Task.Run(
            () => IntervalsOf(result.Predictor, intervalStore, quantile => Learn(
                new TrainingLoop(clock), quantile, transform, trainStore, validationStore is { RowCount: > 0 } ? validationStore : null, null,
                learning, cancellationToken).Predictor),
            cancellationToken);
        var heldOut = (validationStore?.RowCount ?? 0) + (intervalStore?.RowCount ?? 0);
        return (result, metrics, intervals, (trainStore.RowCount, heldOut, withoutLabel));
    }

    async Task<FeatureStore> StoreAsync(
        FeatureRows rows, IBatchSource source, string stage, RowWatch? watch, ISplitPool? pool, CancellationToken cancellationToken)
    {
        using var writer = new FeatureStoreWriter(rows.Layout, FeatureStoreOptions.Default);
        var passed = Passed(stage, source.RowCount());
        var batches = pool is null ? rows.ReadAsync(source, Threads, cancellationToken) : rows.ReadAsync(source, pool, cancellationToken);
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            watch?.Observe(batch);
            writer.Append(batch);
            passed(batch.RowCount);
        }

        return writer.Finish();
    }

    void CheckLabels(LabelMoments labels)
    {
        if (labels.RowCount == 0)
        {
            throw new LabelException(pipeline.Label, "it is missing in every training row.");
        }

        if (labels.StandardDeviation == 0)
        {
            throw new LabelException(
                pipeline.Label,
                $"all {labels.RowCount:N0} training rows have the same value {labels.Mean:G6}; there is nothing to tell apart.");
        }
    }

    void NoteMissingLabels(long rows)
    {
        if (rows > 0)
        {
            progress?.Report(new TrainingReport.Notice($"{rows:N0} rows were left out because their label is missing"));
        }
    }

    static async Task<GoldenRows> GoldenAsync(
        IBatchSource train, FrozenTransform transform, IPredictor predictor, CancellationToken cancellationToken)
    {
        var builder = new BatchBuilder(transform.Input);
        await foreach (var batch in train.ReadAllAsync([.. transform.Input.Names], cancellationToken))
        {
            var wanted = Math.Min(batch.RowCount, GoldenRowCount - builder.Batch.RowCount);
            builder.AppendRows(batch, Enumerable.Range(0, wanted).ToArray());
            if (builder.Batch.RowCount == GoldenRowCount)
            {
                break;
            }
        }

        var predictions = new float[builder.Batch.RowCount * predictor.Output.Width];
        new ModelScorer(transform, predictor).Score(builder.Batch, predictions);
        return new GoldenRows(builder.Batch, [.. predictions]);
    }

    Action<int> Passed(string stage, long? total)
    {
        long rows = 0;
        return count => progress?.Report(new TrainingReport.Reading(stage, rows += count, total));
    }

    /// <summary>
    /// Reports on the thread that learns, in order; <see cref="Progress{T}"/> would shuffle reports over the thread pool.
    /// </summary>
    sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
