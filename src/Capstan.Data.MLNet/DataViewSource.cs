using System.Collections.Immutable;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Data.MLNet;

/// <summary>
/// An ML.NET <see cref="IDataView"/> as one split; its cursor runs once for every reading. NaN is missing, as in ML.NET, and so
/// is a key's 0 (keys are read as integers from 0). Vectors and other types without a counterpart are left out (<see
/// cref="LeftOut"/>).
/// </summary>
public sealed class DataViewSource : IBatchSource
{
    const int BatchRows = 8192;

    readonly IDataView _view;
    readonly Lazy<string> _fingerprint;

    /// <exception cref="ArgumentException">The view has no column that can be read.</exception>
    public DataViewSource(IDataView view)
    {
        _view = view;
        var columns = view.Schema.Where(column => !column.IsHidden).ToArray();
        Schema = new Schema(columns.Where(column => TypeOf(column.Type) is not null)
            .Select(column => new Field(column.Name, TypeOf(column.Type)!.Value))); // the others are left out
        LeftOut = [.. columns.Where(column => TypeOf(column.Type) is null).Select(column => column.Name)];
        if (Schema.Fields.IsEmpty)
        {
            throw new ArgumentException(
                $"The data view has no column that can be read ({string.Join(", ", LeftOut)} are vectors or the like); " +
                "expected numbers, booleans, texts, keys or times.", nameof(view));
        }

        Splits = [new Split(0, "data view", view.GetRowCount())];
        _fingerprint = new Lazy<string>(() => $"view:{RowDigest.Of(Schema, Read(Schema)).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Columns of types that have no counterpart, such as vectors.</summary>
    public ImmutableArray<string> LeftOut { get; }

    /// <summary>Of all values; computed when first asked for, by reading them.</summary>
    public string Fingerprint => _fingerprint.Value;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
        Read(Schema.Select(columns)).ReadAsync(cancellationToken);

    IEnumerable<ColumnBatch> Read(Schema wanted)
    {
        if (wanted.Fields.IsEmpty)
        {
            yield break; // a batch without columns has no rows
        }

        var builder = new BatchBuilder(wanted);
        DataViewSchema.Column[] columns = [.. wanted.Names.Select(name => _view.Schema[name])];
        using var cursor = _view.GetRowCursor(columns);
        Action[] append = [.. columns.Select((column, index) => ReaderOf(cursor, column, builder.Columns[index]))];
        while (cursor.MoveNext())
        {
            foreach (var appendNext in append)
            {
                appendNext();
            }

            if (builder.Batch.RowCount == BatchRows)
            {
                yield return builder.Batch;
                builder.Clear();
            }
        }

        if (builder.Batch.RowCount > 0)
        {
            yield return builder.Batch;
        }
    }

    static DataType? TypeOf(DataViewType type) => type switch
    {
        KeyDataViewType => DataType.Int64,
        NumberDataViewType when
            type.RawType == typeof(float) || type.RawType == typeof(double) || type.RawType == typeof(ulong) => DataType.Float64,
        NumberDataViewType => DataType.Int64,
        BooleanDataViewType => DataType.Boolean,
        TextDataViewType => DataType.Text,
        DateTimeDataViewType or DateTimeOffsetDataViewType => DataType.Timestamp,
        _ => null,
    };

    static Action ReaderOf(DataViewRow row, DataViewSchema.Column column, ColumnBuilder target) => column.Type switch
    {
        KeyDataViewType key when key.RawType == typeof(byte) => Reader<byte>(row, column, value => AppendKey(value, target)),
        KeyDataViewType key when key.RawType == typeof(ushort) => Reader<ushort>(row, column, value => AppendKey(value, target)),
        KeyDataViewType key when key.RawType == typeof(uint) => Reader<uint>(row, column, value => AppendKey(value, target)),
        KeyDataViewType => Reader<ulong>(row, column, value => AppendKey(value, target)),
        BooleanDataViewType => Reader<bool>(row, column, target.Append),
        TextDataViewType => Reader<ReadOnlyMemory<char>>(row, column, value => target.Append(value.ToString())),
        DateTimeDataViewType => Reader<DateTime>(row, column, value => target.Append(Timestamps.FromDateTime(value))),
        DateTimeOffsetDataViewType =>
            Reader<DateTimeOffset>(row, column, value => target.Append(Timestamps.FromDateTime(value.DateTime))),
        var type when type.RawType == typeof(float) => Reader<float>(row, column, value => target.Append((double)value)),
        var type when type.RawType == typeof(double) => Reader<double>(row, column, target.Append),
        var type when type.RawType == typeof(ulong) => Reader<ulong>(row, column, value => target.Append((double)value)),
        var type when type.RawType == typeof(sbyte) => Integers<sbyte>(row, column, target),
        var type when type.RawType == typeof(short) => Integers<short>(row, column, target),
        var type when type.RawType == typeof(int) => Integers<int>(row, column, target),
        var type when type.RawType == typeof(byte) => Integers<byte>(row, column, target),
        var type when type.RawType == typeof(ushort) => Integers<ushort>(row, column, target),
        var type when type.RawType == typeof(uint) => Integers<uint>(row, column, target),
        _ => Integers<long>(row, column, target),
    };

    static Action Integers<T>(DataViewRow row, DataViewSchema.Column column, ColumnBuilder target)
        where T : IBinaryInteger<T> => Reader<T>(row, column, value => target.Append(long.CreateTruncating(value)));

    static Action Reader<T>(DataViewRow row, DataViewSchema.Column column, Action<T> append)
    {
        var get = row.GetGetter<T>(column);
        T value = default!; // the getter writes it before anything reads it
        return () =>
        {
            get(ref value);
            append(value);
        };
    }

    /// <summary>ML.NET counts keys from 1 and says 0 for a missing one.</summary>
    static void AppendKey(ulong key, ColumnBuilder target)
    {
        if (key == 0)
        {
            target.AppendMissing();
        }
        else
        {
            target.Append((long)key - 1);
        }
    }
}
