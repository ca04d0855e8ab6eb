using Capstan.Data;

namespace Capstan.Serving;

/// <summary>In which program models of other programs run, and what one may take.</summary>
/// <param name="Program">The program's file, or <c>dotnet</c>.</param>
/// <param name="Arguments">
/// What comes before the two that <see cref="ForeignHost"/> takes: the assembly, where the program is <c>dotnet</c>.
/// </param>
public sealed record IsolationOptions(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The most memory of one model's process: what is asked for beyond that is refused to the model (by the system, as the limit of a
    /// process's data; Windows has none).
    /// </summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>How long a model may compute on the rows of one call; then its process is ended.</summary>
    public TimeSpan CallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a model may take to be loaded.</summary>
    public TimeSpan LoadLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest wait before a process that broke again and again is started once more, while its calls are refused; zero: none is refused
    /// for that, for who gives up by itself.
    /// </summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls one process computes at the same time, each on a thread of its own.</summary>
    public int Places { get; init; } = ParallelPass.AllThreads;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
