namespace Capstan.Data.PostgreSql;

/// <summary>A column of a table or query, and how it is asked for.</summary>
/// <param name="Stored">PostgreSQL's name of its type.</param>
/// <param name="Natural">What it is for us, if nobody declares something else.</param>
sealed record PostgreSqlColumn(string Name, string Stored, DataType Natural)
{
    /// <param name="stored">As PostgreSQL's format_type has it; domains are sent as what they are over.</param>
    /// <returns>Null where there is no type of ours for it.</returns>
    public static PostgreSqlColumn? Of(string name, string stored, bool isEnum)
    {
        DataType? natural = stored switch
        {
            "smallint" or "integer" or "bigint" => DataType.Int64,
            "real" or "double precision" or "numeric" => DataType.Float64,
            "boolean" => DataType.Boolean,
            "text" or "character varying" or "character" or "name" or "citext" or "uuid" or "json" or "jsonb" => DataType.Text,
            "text[]" or "character varying[]" => DataType.TextList,
            "date" or "timestamp without time zone" or "timestamp with time zone" => DataType.Timestamp,
            _ => isEnum ? DataType.Text : null,
        };
        return natural is { } type ? new PostgreSqlColumn(name, stored, type) : null;
    }

    /// <summary>Whether every cell of the column is a value of the type.</summary>
    public bool CanBe(DataType type) =>
        type == Natural || type == DataType.Text || (type, Natural) == (DataType.Float64, DataType.Int64);

    /// <summary>The expression whose binary form <see cref="CopyReader"/> knows.</summary>
    public string Expression(DataType type)
    {
        var name = PostgreSqlAddress.Quoted(Name);
        return type switch
        {
            DataType.Int64 => $"CAST({name} AS bigint)",
            DataType.Float64 => $"CAST({(Stored == "numeric" ? Within(name) : name)} AS double precision)",
            DataType.Boolean => $"CAST({name} AS boolean)",
            DataType.Timestamp when Stored == "timestamp with time zone" => $"({name} AT TIME ZONE 'UTC')",
            DataType.Timestamp => $"CAST({name} AS timestamp)",
            DataType.TextList => $"CAST({name} AS text[])",
            _ when Natural == DataType.TextList => $"CAST(to_json({name}) AS text)",
            _ => $"CAST({name} AS text)",
        };
    }

    // A decimal number beyond the doubles is missing, as infinity is, and one too small for them 0; the cast would fail.
    static string Within(string name) =>
        $"CASE WHEN abs({name}) > 1.797693134862315807E308 THEN NULL WHEN abs({name}) < 2.4703282292062328E-324 THEN 0 " +
        $"ELSE {name} END";
}
