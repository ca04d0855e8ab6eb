using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>A column of a Parquet file and how it is asked for.</summary>
/// <param name="Stored">DuckDB's type of it.</param>
/// <param name="Type">What it is for us, if nobody declares something else.</param>
sealed record ParquetColumn(string Name, DuckDBType Stored, DataType Type)
{
    /// <summary>How DuckDB calls a list of texts.</summary>
    public const string TextListName = "VARCHAR[]";

    /// <summary>
    /// Our type of a stored one; integers beyond 64 bits and decimals are numbers, what has no type here is text.
    /// </summary>
    public static DataType DefaultType(DuckDBType stored) => VectorDecoder.TypeOf(stored) ?? stored switch
    {
        DuckDBType.UnsignedBigInt => DataType.Int64,
        DuckDBType.HugeInt or DuckDBType.UnsignedHugeInt or DuckDBType.Decimal => DataType.Float64,
        DuckDBType.TimestampS or DuckDBType.TimestampMs or DuckDBType.TimestampNs => DataType.Timestamp,
        _ => DataType.Text,
    };

    /// <summary>Whether cells may turn out not to be of the type: then they come as text and are read one by one.</summary>
    public bool IsReadFromText(DataType type) => type != DataType.Text && type != Type &&
        !(type == DataType.Float64 && Type == DataType.Int64) && !(type == DataType.TextList && Stored == DuckDBType.List);

    /// <summary>
    /// The expression whose result <see cref="VectorDecoder"/> reads, or <see cref="CellText"/> where it comes as text.
    /// </summary>
    public string Expression(DataType type)
    {
        var name = Sql.Identifier(Name);
        return type switch
        {
            DataType.TextList when Stored == DuckDBType.List => Type == DataType.TextList ? name
                : $"CAST({name} AS {TextListName})",
            DataType.Text when Type == DataType.TextList => $"CAST(to_json({name}) AS VARCHAR)",
            DataType.Text => Stored == DuckDBType.Varchar ? name : $"CAST({name} AS VARCHAR)",
            DataType.Int64 when IsReadFromText(type) => Type switch
            {
                DataType.Boolean => $"CAST(CAST({name} AS TINYINT) AS VARCHAR)",
                // Whole numbers without the ".0", through which they would be taken for fractions.
                DataType.Float64 =>
                    $"COALESCE(CAST(TRY_CAST(CASE WHEN {name} = trunc({name}) THEN {name} END AS HUGEINT) AS VARCHAR), " +
                    $"CAST({name} AS VARCHAR))",
                _ => $"CAST({name} AS VARCHAR)",
            },
            DataType.Float64 when Type == DataType.Boolean => $"CAST(CAST({name} AS TINYINT) AS VARCHAR)",
            _ when IsReadFromText(type) => $"CAST({name} AS VARCHAR)",
            DataType.Int64 when Stored == DuckDBType.UnsignedBigInt => $"CAST({name} AS BIGINT)",
            DataType.Float64 when Stored is not (DuckDBType.Double or DuckDBType.Float) => $"CAST({name} AS DOUBLE)",
            DataType.Timestamp when VectorDecoder.TypeOf(Stored) is null => $"CAST({name} AS TIMESTAMP)",
            _ => name,
        };
    }

    /// <summary>
    /// The value in DuckDB's own form of our type, where reading takes what it finds and decodes it. Moments that DuckDB calls
    /// infinite, or that are none of its timestamps, may come as such: they are missing.
    /// </summary>
    public string ExactExpression(DataType type)
    {
        var name = Sql.Identifier(Name);
        return (type, Stored) switch
        {
            // Without a library of time zones there is no cast; the number of microseconds is the instant in UTC.
            (DataType.Timestamp, DuckDBType.TimestampTz) =>
                $"CASE WHEN isfinite({name}) THEN make_timestamp(epoch_us({name})) END",
            (DataType.Timestamp, DuckDBType.Date) => $"TRY_CAST({name} AS TIMESTAMP)",
            (DataType.Timestamp, _) => $"CAST({name} AS TIMESTAMP)",
            (DataType.Int64, _) => $"CAST({name} AS BIGINT)",
            (DataType.Float64, _) => $"CAST({name} AS DOUBLE)",
            (DataType.Boolean, _) => $"CAST({name} AS BOOLEAN)",
            _ => $"CAST({name} AS VARCHAR)",
        };
    }
}
