namespace Capstan.Data.DuckDb;

/// <summary>SQL text from names and values.</summary>
static class Sql
{
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    public static string Text(string value) => $"'{value.Replace("'", "''")}'";

    /// <summary>A file's path: the engine takes paths for patterns, so what would be wild is put into brackets.</summary>
    public static string FilePath(string path) => Text(path.Replace("[", "[[]").Replace("*", "[*]").Replace("?", "[?]"));
}
