using System.Globalization;
using System.Text.Json;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>An evaluation for people and for programs.</summary>
static class EvaluationResult
{
    public static void Write(CommandSession session, Evaluation evaluation)
    {
        session.Terminal.Output.WriteLine(evaluation.ToString());
        if (evaluation.Calibration.IsEmpty)
        {
            return;
        }

        session.Terminal.Output.WriteLine("calibration: what was predicted, and what happened");
        var table = new ResultTable("#rows' weight", "#mean probability", "#share of positives");
        foreach (var bin in evaluation.Calibration)
        {
            table.Add(ResultTable.Number(bin.Weight), Probability(bin.MeanProbability), Probability(bin.PositiveShare));
        }

        table.Write(session);
    }

    /// <summary>Members for an object that is being written.</summary>
    public static void Write(Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteNumber("rows", evaluation.RowCount);
        json.WriteStartObject("metrics");
        foreach (var metric in evaluation.Metrics)
        {
            if (metric.Value is { } value)
            {
                json.WriteNumber(metric.Name, value);
            }
            else
            {
                json.WriteNull(metric.Name);
            }
        }

        json.WriteEndObject();
        json.WriteStartArray("calibration");
        foreach (var bin in evaluation.Calibration)
        {
            json.WriteStartObject();
            json.WriteNumber("weight", bin.Weight);
            json.WriteNumber("meanProbability", bin.MeanProbability);
            json.WriteNumber("positiveShare", bin.PositiveShare);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static string Probability(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
