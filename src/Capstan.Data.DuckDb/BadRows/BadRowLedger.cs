using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>Remembers what each split's latest complete reading left out, and writes the quarantine file. Thread-safe.</summary>
sealed class BadRowLedger(BadRowPolicy policy)
{
    readonly Lock _gate = new();
    readonly SortedDictionary<int, FileBadRows> _bySplit = [];
    int _readings;

    public BadRowTally Begin(int splitIndex, string file)
    {
        lock (_gate)
        {
            var quarantine = _bySplit.ContainsKey(splitIndex) ? null : (policy as BadRowPolicy.QuarantinePolicy)?.File;
            return new BadRowTally(policy is BadRowPolicy.FailPolicy, splitIndex, file, quarantine, ++_readings);
        }
    }

    /// <summary>Called when a split has been read to its end.</summary>
    public void Complete(BadRowTally tally)
    {
        lock (_gate)
        {
            if (!_bySplit.ContainsKey(tally.SplitIndex))
            {
                tally.WriteQuarantine();
            }

            _bySplit[tally.SplitIndex] = new FileBadRows(tally.File, tally.Count, tally.NotUtf8Count, [.. tally.Examples]);
        }
    }

    public BadRowReport Report()
    {
        lock (_gate)
        {
            return new BadRowReport(
            [
                .. _bySplit.Values.Where(each => each.Count > 0).GroupBy(each => each.File).Select(file => new FileBadRows(
                    file.Key, file.Sum(each => each.Count), file.Sum(each => each.NotUtf8Count),
                    [.. file.SelectMany(each => each.Examples).Take(BadRowTally.MaxExamples)])),
            ]);
        }
    }
}
