using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>Remembers what each split's latest complete reading left out, and writes the quarantine file. Thread-safe.</summary>
sealed class BadRowLedger(BadRowPolicy policy)
{
    readonly Lock _gate = new();
    readonly SortedDictionary<int, FileBadRows> _bySplit = [];
    readonly SortedDictionary<int, (string File, Dictionary<string, MissingValues> Columns)> _missingBySplit = [];
    int _readings;

    public BadRowTally Begin(int splitIndex, string file)
    {
        lock (_gate)
        {
            var quarantine = _bySplit.ContainsKey(splitIndex) ? null : (policy as BadRowPolicy.QuarantinePolicy)?.File;
            return new BadRowTally(policy, splitIndex, file, quarantine, ++_readings);
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
            AddMissing(tally);
        }
    }

    /// <summary>A reading knows of the columns it was asked for; what earlier ones found in others stays.</summary>
    void AddMissing(BadRowTally tally)
    {
        if (!_missingBySplit.TryGetValue(tally.SplitIndex, out var known))
        {
            _missingBySplit[tally.SplitIndex] = known = (tally.File, new(StringComparer.Ordinal));
        }

        foreach (var (column, (count, examples)) in tally.Missing)
        {
            known.Columns[column] = new MissingValues(column, count, [.. examples]);
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
            ],
            [
                .. _missingBySplit.Values.SelectMany(split => split.Columns.Values).GroupBy(each => each.Column)
                    .Select(column => new MissingValues(
                        column.Key, column.Sum(each => each.Count),
                        [.. column.SelectMany(each => each.Examples).Take(BadRowTally.MaxExamples)])),
            ]);
        }
    }
}
