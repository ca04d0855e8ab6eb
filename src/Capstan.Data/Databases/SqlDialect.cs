namespace Capstan.Data;

/// <summary>Whose SQL is written.</summary>
public enum SqlDialect
{
    /// <summary>DuckDB 1.3 or later, with its own default of IEEE arithmetic.</summary>
    DuckDb,

    /// <summary>PostgreSQL 14 or later.</summary>
    PostgreSql,

    /// <summary>ISO SQL:2016 with approximate numbers in double precision and nothing beyond the standard.</summary>
    Ansi,
}
