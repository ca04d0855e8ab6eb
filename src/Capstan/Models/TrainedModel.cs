using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>A batch of raw rows with the model's predictions for them.</summary>
/// <param name="Rows">Valid until the next is asked for.</param>
/// <param name="Predictions">
/// [Rows.RowCount × 1] the value (regression) or the probability of the positive class; of more classes [Rows.RowCount × classes]
/// the probability of each.
/// </param>
public readonly record struct PredictedBatch(ColumnBatch Rows, ReadOnlyMemory<float> Predictions)
{
    /// <summary>[Rows.RowCount × 2] where each row's interval begins and ends; empty of a model without intervals.</summary>
    public ReadOnlyMemory<float> Bounds { get; init; }
}

/// <summary>A trained model with its name: evaluate it, predict with it, save it.</summary>
public sealed partial class TrainedModel(string name, ModelArtifact artifact)
{
    public string Name { get; } = name;

    public ModelArtifact Artifact { get; } = artifact;

    /// <summary>Names the model's content: equal hashes predict equally to the bit.</summary>
    public ContentHash Hash => Artifact.Hash;

    /// <summary>
    /// What each feature did for the model while it learned, the most useful first; empty where the family does not know.
    /// Boosted trees know.
    /// </summary>
    public IReadOnlyList<FeatureImportance> FeatureImportances => Artifact.Predictor switch
    {
        BoostedTreesPredictor trees => trees.Importances(),
        CalibratedPredictor { Uncalibrated: BoostedTreesPredictor trees } => trees.Importances(),
        _ => [],
    };

    /// <summary>Reads and verifies a saved model; its name is the folder's.</summary>
    /// <exception cref="CorruptArtifactException">A file is missing or damaged.</exception>
    public static TrainedModel Load(string folder) =>
        new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), ArtifactFolder.Read(folder));

    /// <summary>Saves the model as a folder, all or nothing.</summary>
    /// <exception cref="IOException">The folder exists already, or can't be written.</exception>
    public void Save(string folder, bool overwrite = false) => ArtifactFolder.Write(Artifact, folder, overwrite);

    /// <summary>
    /// Compares predictions with the labels of other rows; those that the pipeline's filter refuses are left out.
    /// </summary>
    /// <exception cref="UnknownColumnException">The data lacks a column that the model or the label needs.</exception>
    public Task<Evaluation> EvaluateAsync(Dataset dataset, CancellationToken cancellationToken = default) =>
        EvaluateAsync(dataset, ParallelPass.AllThreads, cancellationToken);

    /// <summary>The same on a number of threads, which changes no result.</summary>
    public async Task<Evaluation> EvaluateAsync(Dataset dataset, int threads, CancellationToken cancellationToken)
    {
        var (source, weight) = await OpenLabelledAsync(dataset, cancellationToken);
        var rows = new FeatureRows(Artifact.Transform, Artifact.Label.Expression, weight, LossOfLabels(), source.Schema);
        var evaluation = new PredictorEvaluation(Artifact.Predictor);
        await foreach (var batch in rows.ReadAsync(source, threads, cancellationToken))
        {
            evaluation.Add(batch);
        }

        return evaluation.Conclude();
    }

    /// <summary>
    /// The same from all sides: confidence intervals, curves, metrics by slice, and other models on the same rows, which are
    /// those that this model's pipeline lets pass, with its weights.
    /// </summary>
    /// <exception cref="UnknownColumnException">The data lacks a column that a model, the label or a slice needs.</exception>
    /// <exception cref="IncomparableModelsException">Another model has another label.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public async Task<EvaluationReport> EvaluateAsync(
        Dataset dataset, EvaluationOptions options, CancellationToken cancellationToken = default)
    {
        var evaluation = await OpenEvaluationAsync(dataset, options, cancellationToken);
        return await evaluation.RunAsync(dataset.Title, null, cancellationToken);
    }

    /// <summary>The same, with the rows read and scored by others.</summary>
    internal async Task<EvaluationReport> EvaluateAsync(
        Dataset dataset, EvaluationOptions options, ISplitPool pool, CancellationToken cancellationToken)
    {
        var evaluation = await OpenEvaluationAsync(dataset, options, cancellationToken);
        return await evaluation.RunAsync(dataset.Title, pool, cancellationToken);
    }

    internal async Task<ModelEvaluation> OpenEvaluationAsync(Dataset dataset, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var (source, weight) = await OpenLabelledAsync(dataset, cancellationToken);
        return new ModelEvaluation(this, weight, LossOfLabels(), source, options);
    }

    /// <summary>
    /// The features of some rows, exactly as the model sees them, as columns to look at or to write:
    /// <c>await model.Features(trips).SaveAsync("features.parquet")</c>.
    /// </summary>
    /// <param name="keep">Raw columns to put before the features.</param>
    public Dataset Features(Dataset dataset, params IReadOnlyList<string> keep) =>
        dataset.Transformed(Artifact.Transform, Artifact.DataSchema.Fields, keep, inDatabase: false);

    /// <summary>
    /// The same, computed by the database that holds the rows: see <see cref="Dataset.TransformedInDatabase"/>.
    /// </summary>
    /// <param name="keep">Raw columns to put before the features.</param>
    public Dataset FeaturesInDatabase(Dataset dataset, params IReadOnlyList<string> keep) =>
        dataset.Transformed(Artifact.Transform, Artifact.DataSchema.Fields, keep, inDatabase: true);

    /// <summary>Predicts every row of a data set, batch by batch.</summary>
    /// <param name="alsoRead">Columns wanted in the batches besides those that the model needs.</param>
    /// <exception cref="UnknownColumnException">The data lacks a column that the model needs.</exception>
    public IAsyncEnumerable<PredictedBatch> PredictAsync(
        Dataset dataset, IReadOnlyList<string> alsoRead, CancellationToken cancellationToken = default) =>
        PredictAsync(dataset, alsoRead, ParallelPass.AllThreads, cancellationToken);

    /// <summary>The same on a number of threads, which changes no result.</summary>
    public async IAsyncEnumerable<PredictedBatch> PredictAsync(
        Dataset dataset, IReadOnlyList<string> alsoRead, int threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = await OpenAsync(dataset, cancellationToken);
        string[] columns = [.. alsoRead.Concat(Artifact.Transform.Input.Names).Distinct(StringComparer.Ordinal)];
        var read = new OrderedRead<PredictedRows>(
            source, columns, threads, () => new PredictedRows.Maker(Artifact).Of, rows => rows.Bytes);
        await foreach (var rows in read.ReadAsync(cancellationToken))
        {
            yield return rows.Predicted;
        }
    }

    /// <summary>Predictions of all rows as columns, after raw columns that are kept.</summary>
    internal async Task<PredictedSource> OpenPredictionsAsync(Dataset dataset, IReadOnlyList<string> keep, CancellationToken cancellationToken) =>
        new(await OpenAsync(dataset, cancellationToken), Artifact, keep);

    /// <summary>Predicts some objects with the properties that the training rows had.</summary>
    /// <returns>
    /// For each the value (regression), or the probability of the positive class; of more classes the probability of each, one
    /// object after another.
    /// </returns>
    public async Task<float[]> PredictAsync<T>(IEnumerable<T> rows, CancellationToken cancellationToken = default)
    {
        var predictions = new List<float>();
        await foreach (var batch in PredictAsync(Dataset.From(rows), [], cancellationToken))
        {
            predictions.AddRange(batch.Predictions.Span);
        }

        return [.. predictions];
    }

    /// <summary>The rows that the pipeline lets pass, and how much each counts.</summary>
    async Task<(IBatchSource Source, Expr? Weight)> OpenLabelledAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline.Parse(Artifact.Lineage.Pipeline.GetRawText());
        var source = await OpenAsync(dataset, cancellationToken);
        if (pipeline.Filter is not null)
        {
            source = new FilteredSource(source, ExprParser.Parse(pipeline.Filter));
        }

        return (source, pipeline.Weight is null ? null : ExprParser.Parse(pipeline.Weight));
    }

    // Numbers are compared with whatever the model was trained to make small; classes have to be known ones.
    Loss LossOfLabels() => Artifact.Predictor.Output.Task == ModelTask.MulticlassClassification
        ? new Loss.Softmax(Artifact.Predictor.Output.Width)
        : new Loss.Squared();

    /// <summary>Opens data with the types that the model was trained on, wherever the files alone would suggest others.</summary>
    async Task<IBatchSource> OpenAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var source = await dataset.OpenAsync(_ => Artifact.DataSchema.Fields, cancellationToken);
        return Artifact.Transform.Input.Names.FirstOrDefault(column => source.Schema.IndexOf(column) < 0) is { } missing
            ? throw new UnknownColumnException(missing, source.Schema.Names)
            : source;
    }
}
