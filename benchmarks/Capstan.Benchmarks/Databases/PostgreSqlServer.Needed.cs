namespace Capstan.Tests.Support;

/// <summary>The tests' own server, for benchmarks.</summary>
sealed partial class PostgreSqlServer
{
    /// <exception cref="InvalidOperationException">PostgreSQL's programs are not installed.</exception>
    public static PostgreSqlServer Shared => Only.Value;
}
