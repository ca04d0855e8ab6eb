using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary><c>capstan show</c>: what a model is, what it needs, and where it comes from.</summary>
sealed class ShowCommand : CapstanCommand
{
    const int MostImportances = 20;

    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };

    public ShowCommand()
        : base(
            "show", "Show a model: inputs, features, metrics, where it comes from, an example.",
            new Example("capstan show models/trips", "for people; long lists are shortened"),
            new Example("capstan show models/trips --json", "everything, for programs")) => Arguments.Add(_model);

    protected override Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var model = TrainedModel.Load(line.GetRequiredValue(_model));
        if (session.Json)
        {
            WriteJson(session, model);
        }
        else
        {
            Write(session, model);
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    static void Write(CommandSession session, TrainedModel model)
    {
        var (output, artifact, lineage) = (session.Terminal.Output, model.Artifact, model.Artifact.Lineage);
        output.WriteLine($"model     {model.Name}: {TaskOf(artifact)} of {LabelText.Of(artifact)}");
        output.WriteLine($"hash      {model.Hash}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"trained   {lineage.CreatedAt:yyyy-MM-dd HH:mm} UTC by Capstan {lineage.CapstanVersion} " +
            $"in {Pace.Short(lineage.TrainingTime)}, seed {lineage.Seed}"));
        if (lineage.Parent is { } parent)
        {
            output.WriteLine($"began at  {parent}");
        }

        output.WriteLine($"data      {string.Join(", ", lineage.Data)}");
        output.WriteLine(
            $"rows      {ResultTable.Count(lineage.TrainingRows)} learned from, " +
            $"{ResultTable.Count(lineage.ValidationRows)} for validation" +
            (lineage.RowsWithoutLabel > 0 ? $", {ResultTable.Count(lineage.RowsWithoutLabel)} without label" : ""));
        if (lineage.AnalysedIn is { } database)
        {
            output.WriteLine($"analysis  in {database}: its sums may differ from those of a pass in their last bits");
        }

        output.WriteLine($"training  {lineage.EpochsRun} {(model.FeatureImportances.Count > 0 ? "trees" : "epochs")}. {lineage.StopReason}");
        output.WriteLine(lineage.Metrics.Count == 0
            ? "metrics   none: no rows were held out for validation"
            : $"metrics   {ResultTable.Metrics(lineage.Metrics)} (on the validation rows)");
        if (artifact.Label.Classes is { } classes)
        {
            output.WriteLine(classes.Count == 2
                ? $"classes   {classes.Negative}, {classes.Positive} (whose probability is predicted)"
                : $"classes   {ShortText.Of(classes.Names)}");
        }

        if (artifact.Intervals is { } intervals)
        {
            var how = intervals is PredictionIntervals.Around around
                ? string.Create(CultureInfo.InvariantCulture, $"the prediction ± {around.HalfWidth:G4}")
                : "from one predicted quantile to another";
            output.WriteLine(
                $"intervals {ResultTable.Share(intervals.Coverage)} of labels inside: {how}, by {ResultTable.Count(intervals.RowCount)} rows held out");
        }

        var inputs = new ResultTable("input", "type", "#missing in training");
        foreach (var field in artifact.Transform.Input.Fields)
        {
            inputs.Add(field.Name, Schema.NameOf(field.Type), MissingShare(artifact, field.Name));
        }

        inputs.Write(session);
        var features = new ResultTable("feature", "kind", "as it is computed");
        var cardinalities = artifact.Transform.Output.Categories.ToDictionary(spec => spec.Name, spec => spec.Cardinality);
        foreach (var (name, expr) in artifact.Transform.Features)
        {
            var kind = cardinalities.TryGetValue(name, out var categories)
                ? $"{ResultTable.Count(categories)} categories"
                : "number";
            features.Add(name, kind, ShortText.Of(expr));
        }

        features.Write(session);
        WriteImportances(session, model);
        output.WriteLine($"example   {GoldenExample.Request(artifact)}");
        output.WriteLine($"predicts  {GoldenExample.Prediction(artifact)}");
    }

    static void WriteImportances(CommandSession session, TrainedModel model)
    {
        if (model.FeatureImportances is not { Count: > 0 } importances)
        {
            return;
        }

        var total = importances.Sum(importance => importance.Gain);
        var table = new ResultTable("feature", "#share of gain", "#splits");
        foreach (var importance in importances.Where(importance => importance.Splits > 0).Take(MostImportances))
        {
            table.Add(
                importance.Feature, ResultTable.Share(total > 0 ? importance.Gain / total : 0), ResultTable.Count(importance.Splits));
        }

        table.Write(session);
    }

    static void WriteJson(CommandSession session, TrainedModel model) => session.WriteJson(json =>
    {
        var artifact = model.Artifact;
        json.WriteString("model", model.Name);
        json.WriteString("hash", model.Hash.ToString());
        json.WriteString("task", TaskOf(artifact));
        json.WriteString("label", artifact.Label.Expression.ToString());
        if (artifact.Label.Classes is { } classes)
        {
            json.WriteStartArray("classes");
            foreach (var name in classes.Names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        if (artifact.Intervals is { } intervals)
        {
            json.WriteStartObject("intervals");
            json.WriteNumber("coverage", intervals.Coverage);
            json.WriteNumber("rows", intervals.RowCount);
            json.WriteEndObject();
        }

        json.WriteStartArray("inputs");
        foreach (var field in artifact.Transform.Input.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", Schema.NameOf(field.Type));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("features");
        foreach (var (name, expr) in artifact.Transform.Features)
        {
            json.WriteString(name, expr.ToString());
        }

        json.WriteEndObject();
        if (model.FeatureImportances is { Count: > 0 } importances)
        {
            json.WriteStartArray("featureImportances");
            foreach (var importance in importances)
            {
                json.WriteStartObject();
                json.WriteString("feature", importance.Feature);
                json.WriteNumber("gain", importance.Gain);
                json.WriteNumber("splits", importance.Splits);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WritePropertyName("lineage");
        json.WriteRawValue(LineageText.Of(artifact.Lineage));
        json.WritePropertyName("example");
        json.WriteRawValue(GoldenExample.Request(artifact));
        WritePrediction(json, artifact.Golden.PredictionsOf(0));
    });

    static void WritePrediction(Utf8JsonWriter json, ReadOnlySpan<float> predictions)
    {
        if (predictions.Length == 1)
        {
            json.WriteNumber("prediction", predictions[0]);
            return;
        }

        json.WriteStartArray("prediction");
        foreach (var prediction in predictions)
        {
            json.WriteNumberValue(prediction);
        }

        json.WriteEndArray();
    }

    static string TaskOf(ModelArtifact artifact) => artifact.Predictor.Output.Task.InWords();

    static string MissingShare(ModelArtifact artifact, string column)
    {
        var statistics = artifact.TrainingStatistics[column];
        return statistics.Count == 0 ? "" : ResultTable.Share((double)statistics.MissingCount / statistics.Count);
    }
}
