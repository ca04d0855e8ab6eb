using System.Globalization;
using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// Where rows are: a server, a database, and a table or query there. Written as PostgreSQL's own programs take it, with two
/// words more: <c>postgresql://user:password@host:port/database?table=public.trips</c>, or <c>?query=SELECT …</c>.
/// </summary>
/// <remarks>
/// <see cref="ToString"/> leaves out user and password, since it goes into messages and lineages. A password that the address
/// lacks is looked for where users of PostgreSQL expect it: PGPASSWORD, and ~/.pgpass or what PGPASSFILE names.
/// </remarks>
public sealed record PostgreSqlAddress
{
    const int UsualPort = 5432;
    static readonly string[] Schemes = ["postgresql://", "postgres://"];

    /// <summary>A name or address, or the folder of a Unix socket.</summary>
    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = UsualPort;

    /// <summary>Null: called like the user.</summary>
    public string? Database { get; init; }

    /// <summary>Null: PGUSER, or whoever runs this program.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>A table or view, dots between the parts of a qualified name; null where there is a <see cref="Query"/>.</summary>
    public string? Table { get; init; }

    /// <summary>A SELECT without final semicolon; null where there is a <see cref="Table"/>.</summary>
    public string? Query { get; init; }

    /// <summary>
    /// A column of integers by whose ranges rows are read in parts, where they can't be by their place in a table.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>disable, allow, prefer, require, verify-ca or verify-full; null: prefer.</summary>
    public string? SslMode { get; init; }

    public static bool IsAddress(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.Ordinal));

    /// <exception cref="UnreadableDataException">The text is no such address, or does not say what to read there.</exception>
    public static PostgreSqlAddress Parse(string url)
    {
        var rest = url[(Schemes.FirstOrDefault(scheme => url.StartsWith(scheme, StringComparison.Ordinal))
            ?? throw Wrong(url, "it does not begin with postgresql://")).Length..];
        var (place, settings) = Cut(rest, '?');
        var (server, database) = Cut(place, '/');
        var at = server.LastIndexOf('@');
        var (user, password) = Cut(at < 0 ? "" : server[..at], ':');
        var address = new PostgreSqlAddress { Database = Text(database), User = Text(user), Password = Text(password) }
            .At(server[(at + 1)..], url);
        foreach (var setting in settings.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(setting, '=');
            address = address.With(name, Uri.UnescapeDataString(value), url);
        }

        return (address.Table, address.Query) switch
        {
            (null, null) => throw Wrong(
                url, "it does not say what to read; add ?table=public.trips, or ?query=SELECT … (percent-encoded)"),
            ({ }, { }) => throw Wrong(url, "it names a table and a query; leave one out"),
            ({ } table, _) when table.Split('.').Contains("") => throw Wrong(
                url, $"the table's name '{table}' has an empty part"),
            _ => address,
        };
    }

    /// <summary>Without user and password.</summary>
    public override string ToString() =>
        $"postgresql://{(Host.Contains(':') ? $"[{Host}]" : Host)}{(Port == UsualPort ? "" : $":{Port}")}/{Database}" +
        (Table is null ? $"?query={Query}" : $"?table={Table}");

    /// <summary>What follows FROM.</summary>
    internal string Relation => Table is null ? $"({Query}) AS rows" : QuotedTable(Table);

    internal static string QuotedTable(string table) => string.Join(".", table.Split('.').Select(Quoted));

    internal static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    internal NpgsqlConnection Connection()
    {
        // Every reading has settings and a snapshot of its own, which must not come back from a pool.
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = Host, Port = Port, Pooling = false, ApplicationName = "capstan", CommandTimeout = 0,
        };
        if (Database is not null)
        {
            settings.Database = Database;
        }

        if (User is not null)
        {
            settings.Username = User;
        }

        if (Password is not null)
        {
            settings.Password = Password;
        }

        if (SslMode is not null)
        {
            settings["SSL Mode"] = SslMode.Replace("-", "");
        }

        return new NpgsqlConnection(settings.ConnectionString);
    }

    PostgreSqlAddress At(string server, string url)
    {
        var colon = server.EndsWith(']') ? -1 : server.LastIndexOf(':');
        var host = Uri.UnescapeDataString(colon < 0 ? server : server[..colon]).Trim('[', ']');
        var address = host.Length == 0 ? this : this with { Host = host };
        return colon < 0 ? address : address.With("port", server[(colon + 1)..], url);
    }

    PostgreSqlAddress With(string name, string value, string url) => name switch
    {
        "table" => this with { Table = value },
        "query" => this with { Query = value.TrimEnd(' ', '\n', ';') },
        "key" => this with { Key = value },
        "host" => this with { Host = value },
        "port" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? this with { Port = port }
            : throw Wrong(url, $"its port is '{value}', expected 1 to 65535"),
        "dbname" => this with { Database = value },
        "user" => this with { User = value },
        "password" => this with { Password = value },
        "sslmode" => value is "disable" or "allow" or "prefer" or "require" or "verify-ca" or "verify-full"
            ? this with { SslMode = value }
            : throw Wrong(url, $"its sslmode is '{value}', expected disable, allow, prefer, require, verify-ca or verify-full"),
        _ => throw Wrong(
            url, $"it has a setting '{name}', expected table, query, key, host, port, dbname, user, password or sslmode"),
    };

    static (string Before, string After) Cut(string text, char separator) =>
        text.IndexOf(separator) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "");

    static string? Text(string escaped) => escaped.Length == 0 ? null : Uri.UnescapeDataString(escaped);

    static UnreadableDataException Wrong(string url, string problem) => new(WithoutSecrets(url), $"{problem}.");

    // Of an address that can't be read, all that may hold a password.
    static string WithoutSecrets(string url) =>
        url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && url.LastIndexOf('@') is var at && at > scheme
            ? $"{url[..(scheme + 3)]}…{url[at..].Split("password=")[0]}"
            : url.Split("password=")[0];
}
