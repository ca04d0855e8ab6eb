using System.Diagnostics;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>Two data sets side by side for programs.</summary>
static class ComparisonJson
{
    public static string NameOf(ColumnChange change) => change switch
    {
        ColumnChange.Alike => "alike",
        ColumnChange.Moved => "moved",
        ColumnChange.MovedFar => "moved_far",
        ColumnChange.OtherType => "other_type",
        ColumnChange.Added => "added",
        ColumnChange.Removed => "removed",
        _ => throw new UnreachableException(),
    };

    public static void Write(Utf8JsonWriter json, IEnumerable<ColumnComparison> columns)
    {
        json.WriteStartArray("columns");
        foreach (var column in columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("change", NameOf(column.Change));
            if (column.Distance is { } distance)
            {
                Write(json, "missing", distance.Missing);
                Write(json, "jensenShannon", distance.JensenShannon);
                Write(json, "lInfinity", distance.LInfinity);
                Write(json, "kolmogorovSmirnov", distance.KolmogorovSmirnov);
                if (distance.MeanShift is { } shift)
                {
                    json.WriteNumber("meanShift", shift);
                }
            }

            Write(json, "first", column.Left);
            Write(json, "second", column.Right);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, string name, Distance? distance)
    {
        if (distance is not { } found)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("value", found.Value);
        json.WriteNumber("byChance", found.ByChance);
        if (found.At is { } value)
        {
            json.WriteString("at", value);
        }

        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, string name, ColumnStatistics? column)
    {
        if (column is null)
        {
            return;
        }

        json.WriteStartObject(name);
        StatisticsJson.Write(json, column);
        json.WriteEndObject();
    }
}
