using System.Globalization;

namespace Capstan.Data;

/// <summary>Holds a whole data set against a schema; a column's own rules are <see cref="ColumnValidation"/>'s.</summary>
static class DataValidation
{
    public static ValidationReport Validate(DataSchema schema, TableStatistics statistics, ValidationOptions options)
    {
        var anomalies = RowAnomalies(schema.Rows ?? new RowsRule(), statistics, options.Previous)
            .Concat(UnreadableAnomalies(options.Unreadable))
            .Concat(options.UnreadableValues.Select(UnreadableAnomaly))
            .Concat(schema.Columns.SelectMany(each => ColumnAnomalies(schema, each.Key, each.Value, statistics, options)))
            .Concat(NewColumns(schema, statistics));
        return new ValidationReport([.. anomalies], statistics.RowCount);
    }

    static IEnumerable<Anomaly> RowAnomalies(RowsRule rule, TableStatistics statistics, TableStatistics? previous)
    {
        var rows = statistics.RowCount;
        if (rows < rule.Min)
        {
            yield return new Anomaly(
                AnomalyKind.LowRows, null, $"it has {Rows(rows)}", $"the schema wants at least {rule.Min:N0}",
                "Look for files or partitions that were not delivered, or lower rows.min");
        }

        if (rows > rule.Max)
        {
            yield return new Anomaly(
                AnomalyKind.HighRows, null, $"it has {Rows(rows)}", $"the schema wants at most {rule.Max:N0}",
                "Look for rows that were delivered twice, or raise rows.max");
        }

        // Nothing is no multiple of nothing.
        if (previous is null || previous.RowCount == 0)
        {
            yield break;
        }

        var ratio = (double)rows / previous.RowCount;
        var found = $"it has {Rows(rows)}, {Number(ratio)} times the previous data's {previous.RowCount:N0}";
        if (ratio < rule.MinRatio)
        {
            yield return new Anomaly(
                AnomalyKind.LowRowsRatio, null, found, $"the schema wants at least {Number(rule.MinRatio.Value)} times",
                "Look for files or partitions that were not delivered, or lower rows.minRatio");
        }

        if (ratio > rule.MaxRatio)
        {
            yield return new Anomaly(
                AnomalyKind.HighRowsRatio, null, found, $"the schema wants at most {Number(rule.MaxRatio.Value)} times",
                "Look for rows that were delivered twice, or raise rows.maxRatio");
        }
    }

    static IEnumerable<Anomaly> UnreadableAnomalies(UnreadableRows rows)
    {
        if (rows.NotUtf8 > 0)
        {
            yield return new Anomaly(
                AnomalyKind.InvalidUtf8, null, $"{Rows(rows.NotUtf8)} can't be read as UTF-8 ({rows.Example})", "texts are UTF-8",
                "Convert the file if it is all in another encoding (iconv -f LATIN1 -t UTF-8), or mend what wrote these rows");
        }

        if (rows.Count > rows.NotUtf8)
        {
            var example = rows.NotUtf8 == 0 ? $" ({rows.Example})" : "";
            yield return new Anomaly(
                AnomalyKind.UnreadableRows, null, $"{Rows(rows.Count - rows.NotUtf8)} can't be read{example}",
                "every row has a value of its column's type in every column",
                "Mend what wrote these rows, or leave them out on purpose");
        }
    }

    static Anomaly UnreadableAnomaly(UnreadableValues values) => new(
        AnomalyKind.UnreadableValues, values.Column,
        $"{Counted(values.Count, "value")} can't be read ({values.Example})",
        "every value is of the column's type", "Mend what wrote them, or change the column's type to text");

    static IEnumerable<Anomaly> ColumnAnomalies(
        DataSchema schema, string name, ColumnSchema column, TableStatistics statistics, ValidationOptions options)
    {
        if (statistics.Schema.IndexOf(name) >= 0)
        {
            return ColumnValidation.Validate(name, column, statistics[name])
                .Concat(DistanceValidation.Validate(schema, name, column, statistics[name], options));
        }

        if (!column.IsExpectedIn(options.Environment))
        {
            return [];
        }

        var environment = options.Environment is null ? "" : $" of {options.Environment}";
        var hint = schema.Environments is not null && options.Environment is null
            ? "; say which environment this is if it may lack it" : "";
        return
        [
            new Anomaly(
                AnomalyKind.MissingColumn, name, "it is not there", $"the schema wants it in data{environment}",
                $"Look whether it was renamed, or take it out of the schema{hint}"),
        ];
    }

    static IEnumerable<Anomaly> NewColumns(DataSchema schema, TableStatistics statistics) => schema.AllowOtherColumns
        ? []
        : statistics.Schema.Fields.Where(field => !schema.Columns.ContainsKey(field.Name)).Select(field => new Anomaly(
            AnomalyKind.NewColumn, field.Name, $"it is new ({Schema.NameOf(field.Type)})", "the schema does not have it",
            "Add it to the schema's columns, or allow other columns"));

    static string Rows(long count) => Counted(count, "row");

    static string Counted(long count, string word) =>
        count == 1 ? $"1 {word}" : $"{count.ToString("N0", CultureInfo.InvariantCulture)} {word}s";

    static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
