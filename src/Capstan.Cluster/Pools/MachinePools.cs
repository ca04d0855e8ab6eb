using System.Globalization;

namespace Capstan.Cluster;

/// <summary>
/// The pools that there are, by the words of <c>--pool</c>. A new one is a class and a line here and in its conformance suite.
/// </summary>
public static class MachinePools
{
    public const string Words = "local[:PLACES], slurm[:PARTITION]";

    /// <param name="text">One of <see cref="Words"/>.</param>
    /// <param name="folder">Where a pool of this machine keeps its leases.</param>
    /// <exception cref="ArgumentException">There is no such pool.</exception>
    public static IMachinePool Parse(string text, string folder)
    {
        var (kind, detail) = text.Split(':', 2) is [var first, var rest] ? (first, rest) : (text, null);
        return (kind, detail) switch
        {
            ("local", null) => new LocalPool(folder),
            ("local", { } places) when int.TryParse(places, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                => new LocalPool(folder, count),
            ("slurm", not "") => new SlurmPool(detail),
            _ => throw new ArgumentException($"The pool was given as '{text}', expected {Words}.", nameof(text)),
        };
    }
}
