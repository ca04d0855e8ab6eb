using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>
/// Where a cluster's secret is found: on the command line, or better, where other users of the machine can't read it.
/// </summary>
static class Tokens
{
    public static JoinToken OfVariable() => Of(null) ?? throw new UsageException($"the token is missing; it stands in {JoinToken.Variable}.");

    /// <returns>Null where none is given.</returns>
    public static JoinToken? Of(string? given)
    {
        try
        {
            return (given ?? Environment.GetEnvironmentVariable(JoinToken.Variable)) is { Length: > 0 } text ? new JoinToken(text) : null;
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }
}
