using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan;

/// <summary>
/// Makes an artifact of a model that was trained elsewhere: the same folder, scorer, evaluation, explanation and server as one
/// that
/// was trained here.
/// </summary>
sealed class ModelImport(string name, ForeignModel model, ImportOptions options, TimeProvider clock)
{
    const int GoldenRowCount = 16;
    const int ReferenceRowCount = 128;
    const int KeptValues = 1000;

    public async Task<TrainedModel> RunAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var basis = options.Pipeline is { } pipeline
            ? await FitAsync(pipeline, cancellationToken)
            : await PassAsync(cancellationToken);
        var predictor = model.Over(basis.Transform.Output, basis.Order);
        var label = LabelOf(basis);
        var (golden, reference) = await RowsAsync(basis, predictor, cancellationToken);
        var artifact = new ModelArtifact(
            basis.Transform, predictor, label, SchemaWith(label, basis.Schema), basis.Statistics.KeepValues(KeptValues), golden,
            LineageOf(basis, clock.GetElapsedTime(started)))
        {
            Reference = reference,
        };
        return new TrainedModel(name, artifact);
    }

    /// <summary>Raw columns go to the model as they are.</summary>
    async Task<ImportBasis> PassAsync(CancellationToken cancellationToken)
    {
        var source = options.Data is null ? null : await options.Data.OpenAsync(cancellationToken);
        var columns = model.Columns(options.Columns, source?.Schema);
        if (source is not null && columns.Names.FirstOrDefault(column => source.Schema.IndexOf(column) < 0) is { } unknown)
        {
            throw new UnknownColumnException(unknown, source.Schema.Names);
        }

        if (options.Data is not null)
        {
            // With the types that the model takes, which need not be those that the file suggests.
            source = await options.Data.OpenAsync(_ => columns.Fields, cancellationToken);
        }

        var schema = source?.Schema ?? columns;
        string[] names = [.. columns.Names];
        return new ImportBasis(
            schema, new FrozenTransform(schema, [], names), names, source,
            source is null
                ? new TableStatistics(schema)
                : await TrainingStatistics.OfAsync(DefinitionOf(null), source, null, options.Threads, null, _ => { }, cancellationToken),
            DefinitionOf(null));
    }

    /// <summary>Features are fitted first, and the model takes them.</summary>
    async Task<ImportBasis> FitAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        if (options.Data is null)
        {
            throw new ArgumentException("A pipeline's features are fitted on data, and none was given; say which rows (--data FILES).");
        }

        var definition = DefinitionOf(pipeline);
        var (source, fitted, statistics) = await new PipelineTraining(definition, clock, null) { Threads = options.Threads }
            .FitForImportAsync(options.Data, cancellationToken);
        string[] features = [.. fitted.Features.SelectMany(feature => NamesOf(feature.Name, fitted.Output))];
        // What the model calls like a raw column, and no feature is called, it gets as it is.
        string[] passed =
        [
            .. model.SingleInputs.Where(input => !features.Contains(input) && source.Schema.IndexOf(input) >= 0),
        ];
        var transform = passed.Length == 0 ? fitted : new FrozenTransform(source.Schema, fitted.Features, passed);
        return new ImportBasis(source.Schema, transform, [.. features, .. passed], source, statistics, definition);
    }

    /// <summary>A feature's name, or those of its elements.</summary>
    static IEnumerable<string> NamesOf(string feature, FeatureLayout layout) => layout.All.Select(spec => spec.Name)
        .Where(name => name == feature || (name.StartsWith($"{feature}[", StringComparison.Ordinal) && name.EndsWith(']')));

    /// <summary>What stands in the lineage: label, filter, weight and features; a kind of estimator only for what reads the
    /// label.</summary>
    Pipeline DefinitionOf(Pipeline? pipeline)
    {
        var label = options.Label ?? pipeline?.Label ?? model.Label ?? new ColumnExpr(model.OutputName).ToString();
        return (pipeline ?? new Pipeline { Label = label }) with
        {
            Name = name, Label = label, Calibration = null, From = null,
            Estimator = new EstimatorDefinition
            {
                Kind = model.Output.Task == ModelTask.Regression ? EstimatorKind.LinearRegressor : EstimatorKind.LinearClassifier,
            },
        };
    }

    LabelDefinition LabelOf(ImportBasis basis)
    {
        var expr = ExprParser.Parse(basis.Definition.Label);
        return model.Classes is { } classes
            ? LabelResolution.OfClasses(
                basis.Definition.Label, expr, classes, SchemaWith(new LabelDefinition(expr, classes), basis.Schema))
            : new LabelDefinition(expr, null);
    }

    /// <summary>A label that is a column of data not seen yet has the type of its classes.</summary>
    static Schema SchemaWith(LabelDefinition label, Schema schema)
    {
        var type = label.Classes?.Type ?? DataType.Float64;
        var unknown = ExprChildren.ColumnsOf(label.Expression).Where(column => schema.IndexOf(column) < 0);
        return new Schema([.. schema.Fields, .. unknown.Select(column => new Field(column, type))]);
    }

    async Task<(GoldenRows Golden, ReferenceRows? Reference)> RowsAsync(
        ImportBasis basis, IForeignPredictor predictor, CancellationToken cancellationToken)
    {
        var scorer = new ModelScorer(basis.Transform, predictor);
        if (basis.Source is null)
        {
            return (ExamplesOf(basis.Transform.Input, scorer), null);
        }

        var inputs = basis.Transform.Input;
        var (golden, held) = (new BatchBuilder(inputs), new HeldRows(inputs, ReferenceRowCount, seed: 1));
        await foreach (var batch in basis.Source.ReadAllAsync([.. inputs.Names], cancellationToken))
        {
            golden.AppendRows(batch, [.. Enumerable.Range(0, Math.Min(batch.RowCount, GoldenRowCount - golden.Batch.RowCount))]);
            var ones = new double[batch.RowCount];
            held.Add(batch, Enumerable.Range(0, batch.RowCount), ones, ones);
        }

        return (GoldenOf(golden.Batch, scorer), ReferenceOf(basis.Transform, held.Rows));
    }

    GoldenRows ExamplesOf(Schema inputs, ModelScorer scorer)
    {
        try
        {
            return GoldenOf(ExampleRows.Make(inputs, varied: true), scorer);
        }
        catch (ForeignModelException)
        {
            // Some numbers are nonsense to some models: logarithms, say, or probabilities of another one.
        }

        try
        {
            return GoldenOf(ExampleRows.Make(inputs, varied: false), scorer);
        }
        catch (ForeignModelException failure)
        {
            throw new ForeignModelException(
                model.File, $"it was tried on zeros, and {failure.Problem} Name rows such as it predicts (--data FILES).", failure);
        }
    }

    static GoldenRows GoldenOf(ColumnBatch rows, ModelScorer scorer)
    {
        var predictions = new float[rows.RowCount * scorer.Output.Width];
        scorer.Score(rows, predictions);
        return new GoldenRows(rows, [.. predictions]);
    }

    static ReferenceRows ReferenceOf(FrozenTransform transform, ColumnBatch rows)
    {
        var features = new FeatureBuffer(transform.Output);
        transform.Apply(rows, features, transform.CreateWorkspace());
        return ReferenceRows.Of(features);
    }

    Lineage LineageOf(ImportBasis basis, TimeSpan taken)
    {
        // The estimator was chosen to read the label by; nothing was estimated.
        var definition = JsonSerializer.SerializeToNode(basis.Definition, Pipeline.JsonOptions)!.AsObject(); // of a record, so an object
        definition.Remove("estimator");
        return new Lineage
        {
            Data = [model.File],
            DataFingerprint = basis.Source?.Fingerprint ?? "",
            Pipeline = JsonSerializer.SerializeToElement(definition),
            Seed = basis.Definition.Seed,
            CapstanVersion = CapstanVersion.Text,
            TrainingRows = 0,
            ValidationRows = 0,
            RowsWithoutLabel = 0,
            EpochsRun = 0,
            StopReason = $"Imported ({model.Description}), not trained here.",
            Metrics = ImmutableDictionary<string, double>.Empty,
            CreatedAt = clock.GetUtcNow(),
            TrainingTime = taken,
        };
    }

    /// <param name="Schema">All raw columns.</param>
    /// <param name="Order">The features' names in the order in which the model takes them.</param>
    /// <param name="Source">Rows such as it will predict; null for none.</param>
    sealed record ImportBasis(
        Schema Schema, FrozenTransform Transform, IReadOnlyList<string> Order, IBatchSource? Source, TableStatistics Statistics,
        Pipeline Definition);
}
