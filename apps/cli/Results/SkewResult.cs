using System.Text.Json;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>Rows of two data sets compared by key, for people and for programs.</summary>
static class SkewResult
{
    public static void Write(CommandSession session, FeatureSkew skew)
    {
        var output = session.Terminal.Output;
        output.WriteLine(
            $"{ResultTable.Count(skew.Joined)} rows joined by key; {ResultTable.Count(skew.OnlyMine)} keys only here, " +
                $"{ResultTable.Count(skew.OnlyOther)} only there, " +
            $"{ResultTable.Count(skew.Repeated)} repeated, {ResultTable.Count(skew.WithoutKey)} rows without key");
        var table = new ResultTable(
            "column", "#match", "#near", "#mismatch", "#only here", "#only there", "examples: key: here / there");
        foreach (var column in skew.Columns.OrderByDescending(column => column.Differences))
        {
            table.Add(
                column.Column, ResultTable.Count(column.Matches), ResultTable.Count(column.NearMatches),
                ResultTable.Count(column.Mismatches),
                ResultTable.Count(column.OnlyMine), ResultTable.Count(column.OnlyOther),
                string.Join("; ", column.Examples.Select(
                    each => $"{each.Key}: {each.Mine ?? "missing"} / {each.Other ?? "missing"}")));
        }

        table.Write(session, dropFirst: ["near"]);
        if (!skew.NotCompared.IsEmpty)
        {
            session.Remark($"Only on one side, or of another type: {string.Join(", ", skew.NotCompared)}.");
        }
    }

    public static void Write(Utf8JsonWriter json, FeatureSkew skew)
    {
        json.WriteNumber("joined", skew.Joined);
        json.WriteNumber("onlyHere", skew.OnlyMine);
        json.WriteNumber("onlyThere", skew.OnlyOther);
        json.WriteNumber("repeated", skew.Repeated);
        json.WriteNumber("withoutKey", skew.WithoutKey);
        json.WriteStartArray("columns");
        foreach (var column in skew.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Column);
            json.WriteNumber("match", column.Matches);
            json.WriteNumber("near", column.NearMatches);
            json.WriteNumber("mismatch", column.Mismatches);
            json.WriteNumber("onlyHere", column.OnlyMine);
            json.WriteNumber("onlyThere", column.OnlyOther);
            json.WriteStartArray("examples");
            foreach (var example in column.Examples)
            {
                json.WriteStartObject();
                json.WriteString("key", example.Key);
                json.WriteString("here", example.Mine);
                json.WriteString("there", example.Other);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notCompared");
        foreach (var column in skew.NotCompared)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
    }
}
