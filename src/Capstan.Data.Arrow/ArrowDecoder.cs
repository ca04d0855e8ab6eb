using System.Globalization;
using System.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Capstan.Data.Arrow;

/// <summary>Appends the values of one Arrow column to ours, array by array. Not thread-safe.</summary>
sealed class ArrowDecoder
{
    readonly ColumnBuilder _dictionaryValues;
    IArrowArray? _dictionary;

    public ArrowDecoder(DataType type) => _dictionaryValues = new ColumnBuilder(type);

    /// <param name="array">Of a type that <see cref="ArrowTypes.TypeOf"/> knows.</param>
    /// <param name="start">The first value to append.</param>
    /// <param name="count">How many.</param>
    /// <param name="target">Of the type that <see cref="ArrowTypes.TypeOf"/> says.</param>
    public void Append(IArrowArray array, int start, int count, ColumnBuilder target)
    {
        switch (array)
        {
            case Int64Array { NullCount: 0 } integers:
                target.AppendPresent(integers.Values.Slice(start, count));
                break;
            case Int8Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case Int16Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case Int32Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case Int64Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case UInt8Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case UInt16Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case UInt32Array integers:
                AppendIntegers(integers, start, count, target);
                break;
            case UInt64Array numbers:
                AppendNumbers(numbers, start, count, target);
                break;
            case HalfFloatArray numbers:
                AppendNumbers(numbers, start, count, target);
                break;
            case FloatArray numbers:
                AppendNumbers(numbers, start, count, target);
                break;
            case DoubleArray numbers:
                AppendNumbers(numbers, start, count, target);
                break;
            case Date32Array days:
                AppendTimes(days, start, count, Timestamps.MicrosecondsPerDay, 1, target);
                break;
            case Date64Array milliseconds:
                AppendTimes(milliseconds, start, count, 1000, 1, target);
                break;
            case TimestampArray times:
                var (multiplier, divisor) = ScaleOf(((TimestampType)times.Data.DataType).Unit);
                AppendTimes(times, start, count, multiplier, divisor, target);
                break;
            case ListArray lists:
                AppendLists(lists, lists.Values, row => lists.ValueOffsets[row], start, count, target);
                break;
            case LargeListArray lists:
                AppendLists(lists, lists.Values, row => checked((int)lists.ValueOffsets[row]), start, count, target);
                break;
            case DictionaryArray dictionary:
                AppendDictionary(dictionary, start, count, target);
                break;
            default:
                AppendOneByOne(array, start, count, target);
                break;
        }
    }

    static void AppendOneByOne(IArrowArray array, int start, int count, ColumnBuilder target)
    {
        for (var row = start; row < start + count; row++)
        {
            if (array.IsNull(row))
            {
                target.AppendMissing();
                continue;
            }

            switch (array)
            {
                case BooleanArray booleans:
                    target.Append(booleans.GetValue(row)!.Value); // present, as asked above
                    break;
                case BinaryArray texts:
                    target.Append(texts.GetBytes(row));
                    break;
                case LargeBinaryArray texts:
                    target.Append(texts.GetBytes(row));
                    break;
                case BinaryViewArray texts:
                    target.Append(texts.GetBytes(row));
                    break;
                // A present decimal has a text.
                case Decimal128Array decimals:
                    target.Append(double.Parse(decimals.GetString(row)!, CultureInfo.InvariantCulture));
                    break;
                case Decimal256Array decimals:
                    target.Append(double.Parse(decimals.GetString(row)!, CultureInfo.InvariantCulture));
                    break;
                default:
                    target.AppendMissing(); // a column of nulls
                    break;
            }
        }
    }

    static void AppendIntegers<T>(PrimitiveArray<T> array, int start, int count, ColumnBuilder target)
        where T : struct, IBinaryInteger<T>
    {
        var values = array.Values;
        for (var row = start; row < start + count; row++)
        {
            if (array.IsValid(row))
            {
                target.Append(long.CreateTruncating(values[row]));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    static void AppendNumbers<T>(PrimitiveArray<T> array, int start, int count, ColumnBuilder target)
        where T : struct, INumberBase<T>
    {
        var values = array.Values;
        for (var row = start; row < start + count; row++)
        {
            if (array.IsValid(row))
            {
                target.Append(double.CreateTruncating(values[row]));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    /// <summary>Times beyond what microseconds can count are missing.</summary>
    static void AppendTimes<T>(PrimitiveArray<T> array, int start, int count, long multiplier, long divisor, ColumnBuilder target)
        where T : struct, IBinaryInteger<T>
    {
        var values = array.Values;
        var limit = long.MaxValue / multiplier;
        for (var row = start; row < start + count; row++)
        {
            var value = long.CreateTruncating(values[row]);
            if (array.IsValid(row) && value <= limit && value >= -limit)
            {
                target.Append(FloorDivide(value * multiplier, divisor));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    /// <summary>A list's items that are null are left out.</summary>
    static void AppendLists(
        IArrowArray lists, IArrowArray values, Func<int, int> offsetOf, int start, int count, ColumnBuilder target)
    {
        var decoder = new ArrowDecoder(DataType.Text);
        for (var row = start; row < start + count; row++)
        {
            if (lists.IsNull(row))
            {
                target.AppendMissing();
                continue;
            }

            for (var item = offsetOf(row); item < offsetOf(row + 1); item++)
            {
                if (!values.IsNull(item))
                {
                    decoder.Append(values, item, 1, target.Items);
                }
            }

            target.AppendList();
        }
    }

    void AppendDictionary(DictionaryArray array, int start, int count, ColumnBuilder target)
    {
        if (!ReferenceEquals(_dictionary, array.Dictionary))
        {
            _dictionaryValues.Clear();
            new ArrowDecoder(_dictionaryValues.Type).Append(array.Dictionary, 0, array.Dictionary.Length, _dictionaryValues);
            _dictionary = array.Dictionary;
        }

        var indices = new ColumnBuilder(DataType.Int64);
        new ArrowDecoder(DataType.Int64).Append(array.Indices, start, count, indices);
        for (var row = 0; row < count; row++)
        {
            if (indices.Column.IsPresent(row))
            {
                target.AppendFrom(_dictionaryValues.Column, checked((int)indices.Column.Int64s[row]));
            }
            else
            {
                target.AppendMissing();
            }
        }
    }

    static (long Multiplier, long Divisor) ScaleOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Second => (1_000_000, 1),
        TimeUnit.Millisecond => (1000, 1),
        TimeUnit.Microsecond => (1, 1),
        _ => (1, 1000),
    };

    /// <summary>Nanoseconds before 1970 go to the microsecond that they are in, not to the one nearer to 1970.</summary>
    static long FloorDivide(long value, long divisor) =>
        value / divisor - (value % divisor < 0 ? 1 : 0);
}
