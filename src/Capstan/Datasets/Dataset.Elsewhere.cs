using Capstan.Data;
using Capstan.Data.DuckDb;

namespace Capstan;

/// <summary>Rows that other processes read for this one.</summary>
public sealed partial class Dataset
{
    /// <summary>The statistics of <see cref="DescribeAsync(CancellationToken)"/>, read by others.</summary>
    internal async Task<TableStatistics> DescribeAsync(ISplitPool pool, CancellationToken cancellationToken)
    {
        var source = await OpenAsync(cancellationToken);
        return await TableStatistics.OfAsync(source, [.. source.Schema.Names], pool, null, cancellationToken);
    }

    /// <summary>By which other processes see the same rows of a database; null of files, and before they are opened.</summary>
    internal string? Snapshot => _snapshot ?? _raw?.Snapshot;

    /// <summary>What the latest reading of a split by this object left out.</summary>
    internal BadRowReport BadRowsIn(Split split) => _files?.BadRowsIn(split) ?? _raw?.BadRowsIn(split) ?? new BadRowReport([], []);

    /// <summary>Makes what a reading elsewhere left out part of <see cref="BadRows"/>.</summary>
    internal void Include(Split split, BadRowReport leftOut)
    {
        _files?.Include(split, leftOut);
        _raw?.Include(split, leftOut);
    }
}
