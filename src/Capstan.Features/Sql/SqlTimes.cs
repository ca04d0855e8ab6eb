namespace Capstan.Features;

/// <summary>Parts of times, as doubles.</summary>
sealed class SqlTimes(SqlSteps steps, SqlDialect dialect)
{
    /// <summary>A column of times; what some databases call infinity is missing.</summary>
    public SqlValue Load(string name)
    {
        var raw = steps.Load($"CAST({name} AS TIMESTAMP)");
        return dialect == SqlDialect.Ansi ? raw : steps.Add($"CASE WHEN isfinite({raw.Text}) THEN {raw.Text} END", raw);
    }

    /// <exception cref="SqlNotSupportedException">The standard has no such part.</exception>
    public SqlValue Part(TimePartExpr part, SqlValue time) => steps.Add($"CAST({Whole(part, time.Text)} AS DOUBLE PRECISION)" + part.Part switch
    {
        TimePart.EpochSeconds => $" / {SqlText.Number(1e6, dialect)}",
        _ => "",
    }, time);

    string Whole(TimePartExpr part, string time) => (part.Part, dialect) switch
    {
        // The database counts the year before 1 as −1.
        (TimePart.Year, SqlDialect.PostgreSql) =>
            $"CASE WHEN EXTRACT(YEAR FROM {time}) < 0 THEN EXTRACT(YEAR FROM {time}) + 1 ELSE EXTRACT(YEAR FROM {time}) END",
        (TimePart.Year, _) => $"EXTRACT(YEAR FROM {time})",
        (TimePart.Month, _) => $"EXTRACT(MONTH FROM {time})",
        (TimePart.Day, _) => $"EXTRACT(DAY FROM {time})",
        (TimePart.Hour, _) => $"EXTRACT(HOUR FROM {time})",
        (TimePart.Minute, _) => $"EXTRACT(MINUTE FROM {time})",
        (TimePart.Second, SqlDialect.DuckDb) => $"EXTRACT(SECOND FROM {time})",
        (TimePart.Second, _) => $"FLOOR(EXTRACT(SECOND FROM {time}))",
        (TimePart.Weekday, not SqlDialect.Ansi) => $"EXTRACT(ISODOW FROM {time}) - 1",
        (TimePart.DayOfYear, not SqlDialect.Ansi) => $"EXTRACT(DOY FROM {time})",
        // Whole microseconds first: their rounding to a double, then the division's, are the engine's two steps.
        (TimePart.EpochSeconds, SqlDialect.DuckDb) => $"epoch_us({time})",
        (TimePart.EpochSeconds, SqlDialect.PostgreSql) => $"CAST(EXTRACT(EPOCH FROM {time}) * 1000000 AS bigint)",
        _ => throw new SqlNotSupportedException(part, dialect, $"the standard has no {part.Part} of a time."),
    };
}
