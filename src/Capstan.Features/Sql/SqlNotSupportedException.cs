using Capstan.Data;

namespace Capstan.Features;

/// <summary>An expression that a database can't compute as Capstan does. Nothing is approximated instead.</summary>
/// <param name="expression">The part that can't be written.</param>
/// <param name="why">What is missing there, and what to do.</param>
public sealed class SqlNotSupportedException(Expr expression, SqlDialect dialect, string why)
    : Exception($"'{expression}' can't be written in SQL for {dialect.ToString().ToLowerInvariant()}: {why}")
{
    public Expr Expression { get; } = expression;

    public SqlDialect Dialect { get; } = dialect;

    public string Why { get; } = why;
}
