using System.Text;

namespace Capstan.Benchmarks;

/// <summary>What a fault did, against what it may do.</summary>
/// <param name="Fault">What was done to the fleet.</param>
/// <param name="Seen">What came of it.</param>
/// <param name="Limit">What is promised.</param>
sealed record FaultRow(string Fault, string Seen, string Limit, bool IsMet);

/// <summary>All faults of a run, for people.</summary>
static class FaultTable
{
    public static string Write(IEnumerable<FaultRow> rows)
    {
        var text = new StringBuilder("| fault | seen | promised | |\n|---|---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append($"| {row.Fault} | {row.Seen} | {row.Limit} | {(row.IsMet ? "kept" : "MISSED")} |\n");
        }

        return text.ToString();
    }
}
