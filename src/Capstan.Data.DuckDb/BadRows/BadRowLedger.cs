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

    /// <summary>Takes in what another process has found in a split.</summary>
    public void Include(int splitIndex, string file, BadRowReport found)
    {
        lock (_gate)
        {
            _bySplit[splitIndex] = found.Files.FirstOrDefault() ?? new FileBadRows(file, 0, 0, []);
            if (!_missingBySplit.TryGetValue(splitIndex, out var known))
            {
                _missingBySplit[splitIndex] = known = (file, new(StringComparer.Ordinal));
            }

            foreach (var column in found.MadeMissing)
            {
                known.Columns[column.Column] = column;
            }
        }
    }

    public BadRowReport Report() => Report(_ => true);

    public BadRowReport Report(int splitIndex) => Report(index => index == splitIndex);

    BadRowReport Report(Func<int, bool> isWanted)
    {
        lock (_gate)
        {
            return new BadRowReport(
            [
                .. _bySplit.Where(split => isWanted(split.Key)).Select(split => split.Value).Where(each => each.Count > 0).GroupBy(each => each.File).Select(file => new FileBadRows(
                    file.Key, file.Sum(each => each.Count), file.Sum(each => each.NotUtf8Count),
                    [.. file.SelectMany(each => each.Examples).Take(BadRowTally.MaxExamples)])),
            ],
            [
                .. _missingBySplit.Where(split => isWanted(split.Key)).SelectMany(split => split.Value.Columns.Values).GroupBy(each => each.Column)
                    .Select(column => new MissingValues(
                        column.Key, column.Sum(each => each.Count),
                        [.. column.SelectMany(each => each.Examples).Take(BadRowTally.MaxExamples)])),
            ]);
        }
    }
}
