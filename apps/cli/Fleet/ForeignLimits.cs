using System.Globalization;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary>What models of other programs may take, each in a process of its own; told on from process to process.</summary>
/// <param name="Mebibytes">The most memory of one.</param>
/// <param name="Seconds">How long one may compute for one call.</param>
sealed record ForeignLimits(int Mebibytes, int Seconds)
{
    public const string MemoryName = "--foreign-memory";
    public const string SecondsName = "--foreign-seconds";

    public static ForeignLimits Usual { get; } = new(2048, 30);

    public string[] Words => [MemoryName, Text(Mebibytes), SecondsName, Text(Seconds)];

    /// <summary>What <see cref="Words"/> said, and the words behind; the usual where they are missing.</summary>
    public static (ForeignLimits Limits, string[] Others) Parse(string[] words) =>
        words is [MemoryName, var mebibytes, SecondsName, var seconds, .. var rest]
            ? (new ForeignLimits(int.Parse(mebibytes, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture)), rest)
            : (Usual, words);

    /// <summary>From now on, this process, which answers callers, runs imported models in processes of their own.</summary>
    public void Enable() => Enable(Options);

    /// <summary>
    /// The same for a process that works on a job: nobody waits for a single answer, and a job must not depend on when it asks; so a model that
    /// breaks is started again at once, and given up by the job.
    /// </summary>
    public void EnableForJobs() => Enable(Options with { LongestPause = TimeSpan.Zero });

    IsolationOptions Options => new(Self.Words[0], [.. Self.Words[1..], ForeignProgram.Word])
    {
        MemoryBytes = (long)Mebibytes << 20, CallLimit = TimeSpan.FromSeconds(Seconds),
    };

    static void Enable(IsolationOptions options) => ForeignRuntime.Add(new IsolatedRuntime(IsolatedRuntime.Onnx, options));

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
