using System.Buffers;
using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Joins two sources by key and compares their columns; memory is bounded whatever their size.</summary>
public sealed class FeatureSkewJoin
{
    const int MostParts = 1 << 12;

    // What a value takes besides the bytes of texts, roughly.
    const int BytesPerValue = 9;

    readonly IBatchSource _mine;
    readonly IBatchSource _other;
    readonly FeatureSkewOptions _options;
    readonly ImmutableArray<string> _columns;
    readonly ImmutableArray<string> _notCompared;
    readonly SkewTally[] _tallies;
    readonly ArrayBufferWriter<byte> _key = new();
    long _joined;
    long _onlyMine;
    long _onlyOther;
    long _repeated;
    long _withoutKey;

    FeatureSkewJoin(IBatchSource mine, IBatchSource other, FeatureSkewOptions options)
    {
        (_mine, _other, _options) = (mine, other, options);
        CheckKeys();
        _columns =
        [
            .. mine.Schema.Fields
                .Where(field => other.Schema.IndexOf(field.Name) >= 0 &&
                    SkewTally.AreComparable(field.Type, other.Schema[field.Name].Type))
                .Select(field => field.Name).Except(options.Keys),
        ];
        _notCompared = [.. mine.Schema.Names.Union(other.Schema.Names).Except(_columns).Except(options.Keys)];
        _tallies = [.. _columns.Select(_ => new SkewTally(options.Tolerance, options.MostExamples))];
    }

    /// <summary>Compares what rows of the same key hold.</summary>
    /// <exception cref="UnknownColumnException">A source has no such key column.</exception>
    /// <exception cref="ArgumentException">No key is named.</exception>
    /// <exception cref="SkewKeyException">A key has another type in each, or is a list.</exception>
    public static async Task<FeatureSkew> OfAsync(
        IBatchSource mine, IBatchSource other, FeatureSkewOptions options, CancellationToken cancellationToken)
    {
        for (var parts = 1; ; parts *= 2)
        {
            var join = new FeatureSkewJoin(mine, other, options);
            if (await join.TryCompareAsync(parts, cancellationToken))
            {
                return new FeatureSkew(
                    join._joined, join._onlyMine, join._onlyOther, join._repeated, join._withoutKey,
                    [.. join._columns.Zip(join._tallies, (column, tally) => tally.Of(column))], join._notCompared);
            }
        }
    }

    void CheckKeys()
    {
        if (_options.Keys.IsDefaultOrEmpty)
        {
            throw new ArgumentException(
                "No column is named that tells which rows belong together; name at least one key.", "options");
        }

        foreach (var key in _options.Keys)
        {
            var (type, otherType) = (_mine.Schema[key].Type, _other.Schema[key].Type);
            if (type != otherType || type == DataType.TextList)
            {
                throw new SkewKeyException(key, type, otherType);
            }
        }
    }

    /// <summary>False where a part takes more memory than allowed, so that more parts are needed.</summary>
    async Task<bool> TryCompareAsync(int parts, CancellationToken cancellationToken)
    {
        string[] columns = [.. _options.Keys, .. _columns];
        for (var part = 0; part < parts; part++)
        {
            // The rows of the other side, one for each key, and how often each key comes on either side.
            var (rows, keys, mine) = (new BatchBuilder(_other.Schema.Select(columns)), new ByteTable(), new ByteTable());
            var bytes = 0L;
            await foreach (var batch in _other.ReadAllAsync(columns, cancellationToken))
            {
                bytes += Hold(batch, rows, keys, part, parts);
                if (bytes + keys.MemoryBytes > _options.MemoryBytes && parts < MostParts)
                {
                    return false;
                }
            }

            await foreach (var batch in _mine.ReadAllAsync(_options.Keys, cancellationToken))
            {
                Count(batch, mine, part, parts);
                if (bytes + keys.MemoryBytes + mine.MemoryBytes > _options.MemoryBytes && parts < MostParts)
                {
                    return false;
                }
            }

            await foreach (var batch in _mine.ReadAllAsync(columns, cancellationToken))
            {
                Compare(batch, rows.Batch, keys, mine, part, parts);
            }

            CountKeys(keys, mine);
        }

        return true;
    }

    /// <returns>How many bytes were taken in.</returns>
    long Hold(ColumnBatch batch, BatchBuilder rows, ByteTable keys, int part, int parts)
    {
        var bytes = 0L;
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (!IsIn(batch, row, part, parts, isCounted: part == 0, out var hash))
            {
                continue;
            }

            if (CountKey(keys, hash))
            {
                rows.AppendRow(batch, row);
                bytes += batch.Columns.Sum(
                    column => BytesPerValue + (column.Type == DataType.Text ? column.TextAt(row).Length : 0L));
            }
        }

        return bytes;
    }

    void Count(ColumnBatch batch, ByteTable keys, int part, int parts)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (IsIn(batch, row, part, parts, isCounted: part == 0, out var hash))
            {
                CountKey(keys, hash);
            }
        }
    }

    void Compare(ColumnBatch batch, ColumnBatch others, ByteTable keys, ByteTable mine, int part, int parts)
    {
        var keyColumns = batch.Columns.AsMemory()[.._options.Keys.Length];
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (!IsIn(batch, row, part, parts, isCounted: false, out var hash) ||
                keys.Find(_key.WrittenSpan, hash) is not (>= 0 and var other) ||
                keys.CountAt(other) > 1 || mine.CountAt(mine.Find(_key.WrittenSpan, hash)) > 1)
            {
                continue;
            }

            _joined++;
            var place = row;
            for (var index = 0; index < _tallies.Length; index++)
            {
                _tallies[index].Observe(
                    batch.Columns[_options.Keys.Length + index], row, others.Columns[_options.Keys.Length + index], other,
                    () => RowKey.Show(keyColumns.Span, place));
            }
        }
    }

    void CountKeys(ByteTable keys, ByteTable mine)
    {
        for (var index = 0; index < keys.Count; index++)
        {
            var found = mine.Find(keys.SpanAt(index), keys.HashAt(index));
            if (keys.CountAt(index) > 1 || (found >= 0 && mine.CountAt(found) > 1))
            {
                _repeated++;
            }
            else if (found < 0)
            {
                _onlyOther++;
            }
        }

        for (var index = 0; index < mine.Count; index++)
        {
            if (keys.Find(mine.SpanAt(index), mine.HashAt(index)) < 0)
            {
                _ = mine.CountAt(index) > 1 ? _repeated++ : _onlyMine++;
            }
        }
    }

    /// <summary>Whether the row's key, which is then in <see cref="_key"/>, belongs to a part.</summary>
    bool IsIn(ColumnBatch batch, int row, int part, int parts, bool isCounted, out ulong hash)
    {
        hash = 0;
        if (!RowKey.TryWrite(batch.Columns.AsSpan()[.._options.Keys.Length], row, _key))
        {
            _withoutKey += isCounted ? 1 : 0;
            return false;
        }

        hash = ValueHash.Of(_key.WrittenSpan);
        // The upper bits, since tables find their places by the lower ones.
        return (hash >> 32) % (ulong)parts == (ulong)part;
    }

    /// <returns>Whether the key was not there.</returns>
    bool CountKey(ByteTable keys, ulong hash)
    {
        if (keys.Find(_key.WrittenSpan, hash) is >= 0 and var known)
        {
            keys.CountAt(known)++;
            return false;
        }

        keys.Add(_key.WrittenSpan, hash, 1);
        return true;
    }
}
