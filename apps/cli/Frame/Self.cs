using System.Collections.Immutable;

namespace Capstan.Cli;

/// <summary>How this very program is started again, on this machine or on others that have it under the same name.</summary>
static class Self
{
    public static ImmutableArray<string> Words { get; } =
        [Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"), typeof(Self).Assembly.Location];
}
