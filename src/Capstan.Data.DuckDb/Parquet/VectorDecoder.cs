using System.Diagnostics;
using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>Appends rows of DuckDB's vectors to our columns.</summary>
static class VectorDecoder
{
    /// <summary>Physical types that are read directly; the query casts all others to one of them.</summary>
    public static DataType? TypeOf(DuckDBType type) => type switch
    {
        DuckDBType.TinyInt or DuckDBType.SmallInt or DuckDBType.Integer or DuckDBType.BigInt or
            DuckDBType.UnsignedTinyInt or DuckDBType.UnsignedSmallInt or DuckDBType.UnsignedInteger => DataType.Int64,
        DuckDBType.Float or DuckDBType.Double => DataType.Float64,
        DuckDBType.Boolean => DataType.Boolean,
        DuckDBType.Varchar => DataType.Text,
        DuckDBType.Date or DuckDBType.Timestamp or DuckDBType.TimestampTz => DataType.Timestamp,
        _ => null, // of lists, only those of texts, which the query knows
    };

    /// <param name="start">First row of the vector to append.</param>
    /// <param name="count">How many.</param>
    public static void Append(DuckDbVector vector, DuckDBType type, int start, int count, ColumnBuilder target)
    {
        switch (type)
        {
            case DuckDBType.BigInt when !vector.HasMissing:
                target.AppendPresent(vector.Values<long>().Slice(start, count));
                break;
            case DuckDBType.TinyInt:
                AppendIntegers<sbyte>(vector, start, count, target);
                break;
            case DuckDBType.SmallInt:
                AppendIntegers<short>(vector, start, count, target);
                break;
            case DuckDBType.Integer:
                AppendIntegers<int>(vector, start, count, target);
                break;
            case DuckDBType.BigInt:
                AppendIntegers<long>(vector, start, count, target);
                break;
            case DuckDBType.UnsignedTinyInt:
                AppendIntegers<byte>(vector, start, count, target);
                break;
            case DuckDBType.UnsignedSmallInt:
                AppendIntegers<ushort>(vector, start, count, target);
                break;
            case DuckDBType.UnsignedInteger:
                AppendIntegers<uint>(vector, start, count, target);
                break;
            case DuckDBType.Float:
                AppendNumbers<float>(vector, start, count, target);
                break;
            case DuckDBType.Double:
                AppendNumbers<double>(vector, start, count, target);
                break;
            case DuckDBType.Boolean:
                AppendBooleans(vector, start, count, target);
                break;
            case DuckDBType.Varchar:
                AppendTexts(vector, start, count, target);
                break;
            case DuckDBType.Date:
                AppendDays(vector, start, count, target);
                break;
            case DuckDBType.Timestamp or DuckDBType.TimestampTz:
                AppendTimestamps(vector, start, count, target);
                break;
            case DuckDBType.List:
                AppendLists(vector, start, count, target);
                break;
            default:
                throw new UnreachableException($"The query was to cast {type}.");
        }
    }

    static void AppendIntegers<T>(DuckDbVector vector, int start, int count, ColumnBuilder target)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = vector.Values<T>();
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row))
            {
                target.Append(long.CreateTruncating(values[row]));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    static void AppendNumbers<T>(DuckDbVector vector, int start, int count, ColumnBuilder target)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var values = vector.Values<T>();
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row))
            {
                target.Append(double.CreateTruncating(values[row]));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    static void AppendBooleans(DuckDbVector vector, int start, int count, ColumnBuilder target)
    {
        var values = vector.Values<byte>();
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row))
            {
                target.Append(values[row] != 0);
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    static void AppendTexts(DuckDbVector vector, int start, int count, ColumnBuilder target)
    {
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row))
            {
                target.Append(vector.TextAt(row));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    /// <summary>Lists of texts; items that are null are left out.</summary>
    static void AppendLists(DuckDbVector vector, int start, int count, ColumnBuilder target)
    {
        var items = vector.Items;
        for (var row = start; row < start + count; row++)
        {
            if (!vector.IsPresent(row))
            {
                target.AppendMissing();
                continue;
            }

            for (var (item, end) = (vector.ItemsAt(row).Start.Value, vector.ItemsAt(row).End.Value); item < end; item++)
            {
                if (items.IsPresent(item))
                {
                    target.Items.Append(items.TextAt(item));
                }
            }

            target.AppendList();
        }
    }

    /// <summary>Days since 1970; those beyond what microseconds can count, such as "infinity", are missing.</summary>
    static void AppendDays(DuckDbVector vector, int start, int count, ColumnBuilder target)
    {
        const int MaxDays = (int)(long.MaxValue / Timestamps.MicrosecondsPerDay);
        var values = vector.Values<int>();
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row) && values[row] is <= MaxDays and >= -MaxDays)
            {
                target.Append(values[row] * Timestamps.MicrosecondsPerDay);
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    /// <summary>Microseconds since 1970; the largest value of either sign stands for "infinity" and is missing.</summary>
    static void AppendTimestamps(DuckDbVector vector, int start, int count, ColumnBuilder target)
    {
        var values = vector.Values<long>();
        for (var row = start; row < start + count; row++)
        {
            if (vector.IsPresent(row) && values[row] is not (long.MaxValue or -long.MaxValue))
            {
                target.Append(values[row]);
            }
            else
            {
                target.AppendMissing();
            }
        }
    }
}
