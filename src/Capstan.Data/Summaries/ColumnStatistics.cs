using System.Diagnostics;
using System.Numerics;

namespace Capstan.Data;

/// <summary>What one raw column holds: a mergeable summary of the parts that its type has; the other parts are null.</summary>
/// <remarks>Observing allocates nothing after the first batch but what sketches and vocabularies grow by.</remarks>
public sealed partial class ColumnStatistics : IStoredState<ColumnStatistics>
{
    /// <summary>How many different text values a column's statistics keep. A vocabulary analyzer has its own limits.</summary>
    public const int MaxValues = 100_000;

    const int MaxTextBytes = 32 << 20;
    const double KeptRankError = 0.005;

    double[] _scratch = [];
    double[] _lengths = [];
    long _earliest = long.MaxValue;
    long _latest = long.MinValue;

    public ColumnStatistics(DataType type)
        : this(type, new(), new(), new(MaxValues, MaxTextBytes), new(), new())
    {
    }

    ColumnStatistics(
        DataType type, Moments? numbers, QuantileSketch? quantiles, TopValues? values, DistinctCount? distinct, Moments? lengths)
    {
        Type = Enum.IsDefined(type) ? type : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a column's type.");
        var (isNumber, isText) = (type is DataType.Int64 or DataType.Float64, type is DataType.Text or DataType.TextList);
        Numbers = isNumber ? numbers : null;
        Quantiles = isNumber || type is DataType.Timestamp ? quantiles : null;
        Distinct = isNumber || isText ? distinct : null;
        (Values, Lengths) = isText ? (values, lengths) : (null, null);
    }

    public DataType Type { get; }

    /// <summary>Rows observed, missing ones included.</summary>
    public long Count { get; private set; }

    public long MissingCount { get; private set; }

    public long PresentCount => Count - MissingCount;

    /// <summary>Int64 and Float64: moments of the present values. Integers beyond ±2⁵³ are rounded to doubles.</summary>
    public Moments? Numbers { get; private set; }

    /// <summary>
    /// Int64, Float64 and Timestamp (in microseconds): the present values' distribution. Statistics of timestamps stored before
    /// they had it have none.
    /// </summary>
    public QuantileSketch? Quantiles { get; private set; }

    /// <summary>Int64 and Float64: how many are 0.</summary>
    public long ZeroCount { get; private set; }

    /// <summary>Text: the values and how often each was seen. Lists: their items.</summary>
    public TopValues? Values { get; private set; }

    /// <summary>
    /// Text, Int64 and Float64: how many different values there are; lists: different items. Statistics of numbers stored before they
    /// had it have none.
    /// </summary>
    public DistinctCount? Distinct { get; private set; }

    /// <summary>Text: moments of the values' lengths in UTF-8 bytes. Lists: of their numbers of items.</summary>
    public Moments? Lengths { get; private set; }

    /// <summary>Boolean: how many are true.</summary>
    public long TrueCount { get; private set; }

    /// <summary>Timestamp: the first one in microseconds; null where none is present.</summary>
    public long? Earliest => _earliest <= _latest ? _earliest : null;

    /// <summary>Timestamp: the last one in microseconds; null where none is present.</summary>
    public long? Latest => _earliest <= _latest ? _latest : null;

    /// <exception cref="ArgumentException">The column has another type.</exception>
    public void Observe(Column column)
    {
        if (column.Type != Type)
        {
            throw new ArgumentException($"The column is {column.Type}, these statistics are of a {Type} column.", nameof(column));
        }

        Count += column.Length;
        MissingCount += column.MissingCount;
        switch (Type)
        {
            case DataType.Float64:
                var numbers = column.MissingCount == 0 ? column.Float64s : Present(column, column.Float64s);
                ObserveNumbers(numbers);
                ObserveDistinct(numbers);
                break;
            case DataType.Int64:
                ObserveNumbers(Present(column, column.Int64s));
                ObserveDistinctIntegers(column);
                break;
            case DataType.Boolean:
                TrueCount += CountTrue(column);
                break;
            case DataType.Text:
                ObserveText(column);
                break;
            case DataType.TextList:
                ObserveLists(column);
                break;
            case DataType.Timestamp:
                ObserveTimestamps(column);
                break;
            default:
                throw new UnreachableException();
        }
    }

    void ObserveNumbers(ReadOnlySpan<double> values)
    {
        Numbers!.Observe(values); // a numeric column's, by construction
        Quantiles!.Observe(values);
        var zeros = 0;
        foreach (var value in values)
        {
            zeros += value == 0 ? 1 : 0;
        }

        ZeroCount += zeros;
    }

    void ObserveDistinct(ReadOnlySpan<double> values)
    {
        if (Distinct is not { } distinct)
        {
            return;
        }

        foreach (var value in values)
        {
            // Adding 0 turns −0 into 0.
            distinct.Observe(BitConverter.DoubleToInt64Bits(value + 0.0));
        }
    }

    /// <summary>By their 64 bits: keys that are the same double may be different integers.</summary>
    void ObserveDistinctIntegers(Column column)
    {
        if (Distinct is not { } distinct)
        {
            return;
        }

        var values = column.Int64s;
        for (var row = 0; row < values.Length; row++)
        {
            if (column.IsPresent(row))
            {
                distinct.Observe(values[row]);
            }
        }
    }

    void ObserveTimestamps(Column column)
    {
        var values = column.Int64s;
        for (var row = 0; row < values.Length; row++)
        {
            if (column.IsPresent(row))
            {
                _earliest = Math.Min(_earliest, values[row]);
                _latest = Math.Max(_latest, values[row]);
            }
        }

        Quantiles?.Observe(Present(column, values));
    }

    /// <summary>A missing value's bit is 0, so only present ones count; bits beyond the last row are 0 as well.</summary>
    static long CountTrue(Column column)
    {
        var bits = column.Booleans;
        var validity = column.Validity;
        var count = 0L;
        for (var word = 0; word < bits.Length; word++)
        {
            count += BitOperations.PopCount(bits[word] & validity[word]);
        }

        return count;
    }

    ReadOnlySpan<double> Present<T>(Column column, ReadOnlySpan<T> values)
        where T : INumber<T>
    {
        var scratch = ScratchOf(ref _scratch, values.Length);
        var present = 0;
        if (column.MissingCount == 0)
        {
            for (; present < values.Length; present++)
            {
                scratch[present] = double.CreateTruncating(values[present]);
            }
        }
        else
        {
            // Every value is written; a missing one is overwritten by the next.
            var validity = column.Validity;
            for (var row = 0; row < values.Length; row++)
            {
                scratch[present] = double.CreateTruncating(values[row]);
                present += (int)(validity[row >> 6] >> (row & 63) & 1);
            }
        }

        return scratch[..present];
    }

    static Span<double> ScratchOf(ref double[] scratch, int length)
    {
        if (scratch.Length < length)
        {
            scratch = new double[length];
        }

        return scratch.AsSpan(0, length);
    }
}
