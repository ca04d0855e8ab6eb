using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Capstan.Benchmarks;

/// <summary>One subject measured for us and one peer in interleaved pairs.</summary>
/// <param name="Subject">What was done, such as "train, batch 128".</param>
/// <param name="Unit">What the rates count per second.</param>
/// <param name="Peer">Whom we are compared with.</param>
/// <param name="Pairs">The rates of each pair, measured one right after the other.</param>
/// <param name="Target">The ratio of us to the peer that is promised; 0 for none.</param>
/// <param name="Note">What else the reader should know, such as that the results agree.</param>
sealed record BenchmarkRow(string Subject, string Unit, string Peer, IReadOnlyList<RatePair> Pairs, double Target, string Note)
{
    /// <summary>
    /// The median over pairs of our rate divided by the peer's. Pairs, because other work on
    /// the machine hits both halves alike.
    /// </summary>
    public double Ratio => Median(Pairs.Select(pair => pair.Ours / pair.Theirs));

    public bool IsMet => Ratio >= Target;

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

/// <param name="Ours">Per second of the CPU time that we used.</param>
/// <param name="Theirs">Per second of the CPU time that the peer used.</param>
readonly record struct RatePair(double Ours, double Theirs);

/// <summary>An area's figures with what they were measured on.</summary>
/// <param name="Facts">Versions, machine and load, and figures without a peer.</param>
sealed record BenchmarkReport(string Area, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<BenchmarkRow> Rows)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string ToTable()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Facts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-16} {value}");
        }

        text.AppendLine().AppendLine("| subject | Capstan | peer | its rate | ratio (min-max) | target | |")
            .AppendLine("|---|---|---|---|---|---|---|");
        foreach (var row in Rows)
        {
            var ratios = row.Pairs.Select(pair => pair.Ours / pair.Theirs).ToArray();
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {row.Subject} | {Rate(row, pair => pair.Ours)} | {row.Peer} | {Rate(row, pair => pair.Theirs)} " +
                $"| **{row.Ratio:0.00}** ({ratios.Min():0.00}-{ratios.Max():0.00}) " +
                $"| {row.Target:0.#}{(row.IsMet ? "" : " MISSED")} | {row.Note} |");
        }

        return text.ToString();

        static string Rate(BenchmarkRow row, Func<RatePair, double> side) =>
            string.Create(CultureInfo.InvariantCulture, $"{BenchmarkRow.Median(row.Pairs.Select(side)) / 1e3:#,0} k {row.Unit}");
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            area = Area,
            facts = Facts.ToDictionary(fact => fact.Name, fact => fact.Value),
            rows = Rows.Select(row => new
            {
                subject = row.Subject,
                unit = row.Unit,
                peer = row.Peer,
                ours = row.Pairs.Select(pair => pair.Ours),
                theirs = row.Pairs.Select(pair => pair.Theirs),
                ratio = row.Ratio,
                target = row.Target,
                note = row.Note,
            }),
        },
        Indented);
}
