using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Data.MLNet;

/// <summary>
/// The values of an ML.NET row as ours: NaN is missing, keys are integers from 0 (and missing where ML.NET says 0), texts are never missing.
/// </summary>
static class DataViewCells
{
    /// <summary>The type that a column is read as; null of those without a counterpart.</summary>
    public static DataType? TypeOf(DataViewType type) => type switch
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

    /// <summary>What appends the row's value, as <see cref="TypeOf"/> says.</summary>
    public static Action ReaderOf(DataViewRow row, DataViewSchema.Column column, ColumnBuilder target) => column.Type switch
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
