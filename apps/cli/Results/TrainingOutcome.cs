using System.Globalization;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>What a training came to, for people and for programs.</summary>
/// <param name="LeftOut">Broken rows that were not learned from.</param>
/// <param name="Warnings">Of what makes the model worse than it looks.</param>
/// <param name="Evaluation">On other rows, where some were named.</param>
sealed record TrainingOutcome(
    TrainedModel Model, string Folder, EstimatorKind Kind, long LeftOut, IReadOnlyList<TrainingWarning> Warnings,
    Evaluation? Evaluation)
{
    public void Write(CommandSession session)
    {
        if (session.Json)
        {
            WriteJson(session);
            return;
        }

        var (output, lineage) = (session.Terminal.Output, Model.Artifact.Lineage);
        var rows =
            $"{ResultTable.Count(lineage.TrainingRows)} learned from, {ResultTable.Count(lineage.ValidationRows)} for validation";
        output.WriteLine(
            $"model       {Model.Name}: {Kind} of {LabelText.Of(Model.Artifact)}, " +
            $"{Model.Artifact.Transform.Features.Length} features");
        output.WriteLine(
            $"rows        {rows}{Also(lineage.RowsWithoutLabel, "without label")}{Also(LeftOut, "broken and left out")}");
        var rounds = Kind.Family() == EstimatorFamily.BoostedTrees ? "trees" : "epochs";
        output.WriteLine($"training    {lineage.EpochsRun} {rounds} in {Pace.Short(lineage.TrainingTime)}. {lineage.StopReason}");
        if (lineage.Metrics.Count > 0)
        {
            output.WriteLine($"validation  {ResultTable.Metrics(lineage.Metrics)}");
        }

        if (Evaluation is not null)
        {
            output.Write("evaluation  ");
            EvaluationResult.Write(session, Evaluation);
        }

        output.WriteLine($"hash        {Model.Hash}");
        output.WriteLine($"saved       {Folder}");
        session.Remark("Next:");
        session.Remark($"  capstan show {Folder}");
        session.Remark($"  capstan serve {Folder}");
    }

    static string Also(long rows, string what) =>
        rows > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rows:N0} {what}") : "";

    void WriteJson(CommandSession session) => session.WriteJson(json =>
    {
        var lineage = Model.Artifact.Lineage;
        json.WriteString("model", Model.Name);
        json.WriteString("path", Folder);
        json.WriteString("hash", Model.Hash.ToString());
        json.WriteString("estimator", Kind.ToString());
        json.WriteString("label", Model.Artifact.Label.Expression.ToString());
        json.WriteNumber("features", Model.Artifact.Transform.Features.Length);
        json.WriteNumber("trainingRows", lineage.TrainingRows);
        json.WriteNumber("validationRows", lineage.ValidationRows);
        json.WriteNumber("rowsWithoutLabel", lineage.RowsWithoutLabel);
        json.WriteNumber("rowsLeftOut", LeftOut);
        json.WriteNumber("epochs", lineage.EpochsRun);
        json.WriteString("stopReason", lineage.StopReason);
        json.WriteNumber("seconds", lineage.TrainingTime.TotalSeconds);
        json.WriteStartObject("validation");
        foreach (var (name, value) in lineage.Metrics)
        {
            json.WriteNumber(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("warnings");
        foreach (var warning in Warnings)
        {
            json.WriteStartObject();
            json.WriteString("kind", warning.Kind.ToString());
            json.WriteString("text", warning.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (Evaluation is not null)
        {
            json.WriteStartObject("evaluation");
            EvaluationResult.Write(json, Evaluation);
            json.WriteEndObject();
        }
    });
}
