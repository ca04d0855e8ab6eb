using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan;

/// <summary>
/// A source whose statistics are taken as its rows are read for something else, so that they need no reading of their own: those
/// of a pass of statistics alone, to the bit. Each split counts once, when it is first read to its end. Splits may be read at the
/// same time.
/// </summary>
sealed class ObservedSource(IBatchSource source, Schema observed) : IBatchSource
{
    readonly ImmutableArray<SourceSpan> _spans = SourceSpan.Of(source);

    readonly Lock _gate = new();

    // Of the splits that were read before others of lower index.
    readonly Dictionary<int, TableStatistics> _waiting = [];
    TableStatistics? _ofSpans;
    TableStatistics? _ofSpan;
    int _span;
    int _next;

    public Schema Schema => source.Schema;

    public IReadOnlyList<Split> Splits => source.Splits;

    public string Fingerprint => source.Fingerprint;

    /// <summary>Of all rows, once all have been read.</summary>
    public TableStatistics Statistics => _next == Splits.Count
        ? _ofSpans ?? new TableStatistics(observed)
        : throw new UnreachableException($"{Splits.Count - _next} of {Splits.Count} splits have not been read.");

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (IsObserved(split))
        {
            await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
            {
                yield return batch;
            }

            yield break;
        }

        var (wanted, statistics) = (Schema.Select(columns), new TableStatistics(observed));
        string[] read = [.. columns.Concat(observed.Names).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in source.ReadAsync(split, read, cancellationToken))
        {
            statistics.Observe(new ColumnBatch(observed, [.. observed.Names.Select(name => batch[name])]));
            yield return new ColumnBatch(wanted, [.. columns.Select(name => batch[name])]);
        }

        lock (_gate)
        {
            if (split.Index < _next || !_waiting.TryAdd(split.Index, statistics))
            {
                yield break; // read twice at the same time
            }

            while (_waiting.Remove(_next, out var next))
            {
                Add(next);
            }
        }
    }

    bool IsObserved(Split split)
    {
        lock (_gate)
        {
            return split.Index < _next || _waiting.ContainsKey(split.Index);
        }
    }

    /// <summary>As <see cref="ParallelPass"/> merges: the splits of a span, then the spans.</summary>
    void Add(TableStatistics split)
    {
        _ofSpan = _ofSpan?.Merge(split) ?? split;
        if (_spans[_span].Splits[^1].Index == _next++)
        {
            _ofSpans = _ofSpans?.Merge(_ofSpan) ?? _ofSpan;
            (_ofSpan, _span) = (null, _span + 1);
        }
    }
}
