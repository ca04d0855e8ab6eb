using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>What a server or the way to it said, in words that name the place and what to do.</summary>
static class DatabaseFaults
{
    public static UnreadableDataException Unreadable(PostgreSqlAddress address, NpgsqlException fault) =>
        new($"{address}", Problem(address, fault), fault);

    public static UnwritableFileException Unwritable(PostgreSqlAddress address, NpgsqlException fault) =>
        new($"{address}", Problem(address, fault), fault);

    static string Problem(PostgreSqlAddress address, NpgsqlException fault) => fault is PostgresException refusal
        ? refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"{refusal.MessageText}. Give user and password in the address, or the password in PGPASSWORD or ~/.pgpass.",
            PostgresErrorCodes.UndefinedTable =>
                $"{refusal.MessageText}; a table outside the search path needs its schema, as public.trips.",
            PostgresErrorCodes.DuplicateTable =>
                $"{refusal.MessageText}; rows are only written into a new table. Choose another name, or drop it.",
            _ => $"{refusal.MessageText} ({refusal.SqlState}).",
        }
        : $"no connection to {address.Host}, port {address.Port}: {fault.InnerException?.Message ?? fault.Message}. " +
            "Is the server running there?";
}
