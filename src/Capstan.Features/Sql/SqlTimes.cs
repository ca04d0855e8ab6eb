using Capstan.Data;

namespace Capstan.Features;

/// <summary>Parts of times, as doubles, and clocks of zones.</summary>
sealed class SqlTimes(SqlSteps steps, SqlDialect dialect)
{
    /// <summary>A column of times; what some databases call infinity is missing.</summary>
    public SqlValue Load(string name)
    {
        var raw = steps.Load($"CAST({name} AS TIMESTAMP)");
        return dialect == SqlDialect.Ansi ? raw : steps.Add($"CASE WHEN isfinite({raw.Text}) THEN {raw.Text} END", raw);
    }

    /// <exception cref="SqlNotSupportedException">The standard has no such part.</exception>
    public SqlValue Part(TimePartExpr part, SqlValue time)
    {
        if (part.Part == TimePart.EpochSeconds)
        {
            return steps.Add($"{Seconds(Microseconds(part, time.Text))}", time);
        }

        var within = Within(time);
        return steps.Add($"CAST({Whole(part, within.Text)} AS DOUBLE PRECISION)", within);
    }

    /// <exception cref="SqlNotSupportedException">The standard has no such difference.</exception>
    public SqlValue SecondsBetween(Expr expr, SqlValue start, SqlValue end)
    {
        var (from, to) = (Within(start), Within(end));
        return steps.Add(Seconds($"({Microseconds(expr, to.Text)} - {Microseconds(expr, from.Text)})"), from, to);
    }

    /// <summary>Whole microseconds since 1970; NULL of NULL.</summary>
    public SqlValue MicrosecondsOf(Expr expr, SqlValue time) => steps.Add(Microseconds(expr, time.Text), time);

    /// <summary>The wall time of a zone: its changes are constants of the query.</summary>
    public SqlValue InZone(ZoneOffsets zone, SqlValue instant)
    {
        var within = Within(instant);
        string[] starts = [.. zone.Starts.Select(start => SqlText.Timestamp(start, dialect))];
        string[] walls = [.. zone.OffsetSeconds.Select(offset => $"{within.Text} + {SqlText.SecondsInterval(offset, dialect)}")];
        return Within(steps.Add(SqlText.Search(within.Text, starts, walls), within));
    }

    /// <summary>The time, or the first or last moment of the years 1 to 9999.</summary>
    SqlValue Within(SqlValue time)
    {
        var (first, last) = (SqlText.Timestamp(Timestamps.MinValue, dialect), SqlText.Timestamp(Timestamps.MaxValue, dialect));
        return steps.Add($"CASE WHEN {time.Text} < {first} THEN {first} WHEN {time.Text} > {last} THEN {last} ELSE {time.Text} END", time);
    }

    string Whole(TimePartExpr part, string time) => (part.Part, dialect) switch
    {
        (TimePart.Year, _) => $"EXTRACT(YEAR FROM {time})",
        (TimePart.Month, _) => $"EXTRACT(MONTH FROM {time})",
        (TimePart.Day, _) => $"EXTRACT(DAY FROM {time})",
        (TimePart.Hour, _) => $"EXTRACT(HOUR FROM {time})",
        (TimePart.Minute, _) => $"EXTRACT(MINUTE FROM {time})",
        (TimePart.Second, SqlDialect.DuckDb) => $"EXTRACT(SECOND FROM {time})",
        (TimePart.Second, _) => $"FLOOR(EXTRACT(SECOND FROM {time}))",
        (TimePart.Weekday, not SqlDialect.Ansi) => $"EXTRACT(ISODOW FROM {time}) - 1",
        (TimePart.DayOfYear, not SqlDialect.Ansi) => $"EXTRACT(DOY FROM {time})",
        _ => throw new SqlNotSupportedException(part, dialect, $"the standard has no {part.Part} of a time."),
    };

    /// <summary>Whole microseconds since 1970, a 64-bit integer.</summary>
    string Microseconds(Expr expr, string time) => dialect switch
    {
        SqlDialect.DuckDb => $"epoch_us({time})",
        SqlDialect.PostgreSql => $"CAST(EXTRACT(EPOCH FROM {time}) * 1000000 AS bigint)",
        _ => throw new SqlNotSupportedException(expr, dialect, "the standard does not count the seconds of a time."),
    };

    // Rounding to a double, then the division's rounding, are the engine's two steps.
    string Seconds(string microseconds) => $"CAST({microseconds} AS DOUBLE PRECISION) / {SqlText.Number(1e6, dialect)}";
}
