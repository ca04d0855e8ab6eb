using Capstan.Data;
using Capstan.Data.DuckDb;
using Capstan.Data.PostgreSql;

namespace Capstan;

/// <summary>
/// Where rows can be written: data files by their extension, and new tables of a PostgreSQL database by their address.
/// </summary>
public static class RowSinks
{
    /// <summary>What can be written, in words.</summary>
    public const string Places = $"a name that ends with {DataSinks.Extensions}, or postgresql://HOST/DATABASE?table=NAME";

    public static bool CanWrite(string place) => PostgreSqlAddress.IsAddress(place) || DataSinks.CanWrite(place);

    /// <summary>The place without user and password, for people.</summary>
    /// <exception cref="UnreadableDataException">It begins like an address and is none.</exception>
    public static string NameOf(string place) => PostgreSqlAddress.IsAddress(place) ? $"{PostgreSqlAddress.Parse(place)}" : place;

    /// <summary>Creates the file, or the table with the first rows.</summary>
    /// <param name="narrow">As for files: <see cref="DataSinks.Create"/>.</param>
    /// <exception cref="ArgumentException">Nothing can be written there.</exception>
    /// <exception cref="UnreadableDataException">It begins like an address and is none.</exception>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public static IBatchSink Create(string place, Schema schema, IReadOnlySet<string>? narrow = null) =>
        PostgreSqlAddress.IsAddress(place)
        ? new PostgreSqlSink(PostgreSqlAddress.Parse(place), schema, narrow)
        : DataSinks.Create(place, schema, narrow);
}
