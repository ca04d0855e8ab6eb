using System.Diagnostics;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What every frozen expression means, one row at a time: the readable reference that the engine, and every other
/// execution, must agree with. Slow on purpose.
/// </summary>
/// <remarks>
/// A value is null (missing), double, bool, string, DateTime-free microseconds as <see cref="Time"/>, or a category's int, a
/// list's strings or a vector's doubles as <see cref="ValueList{T}"/>.
/// </remarks>
public static class RowReference
{
    /// <summary>Microseconds since 1970-01-01; a type of its own, to keep times apart from numbers.</summary>
    public readonly record struct Time(long Microseconds);

    /// <summary>The value of a frozen, well-typed expression for one row of a batch.</summary>
    public static object? Evaluate(Expr expr, ColumnBatch batch, int row)
    {
        return expr switch
        {
            ColumnExpr column => Raw(batch[column.Name], row),
            NumberExpr number => Finite(number.Value),
            TextExpr text => text.Value,
            UnaryExpr unary => Unary(unary.Operator, Of(unary.Operand)),
            BinaryExpr binary => Binary(binary.Operator, Of(binary.Left), Of(binary.Right)),
            IfExpr choice => Of(choice.Condition) is true ? Of(choice.Then) : Of(choice.Otherwise),
            IsMissingExpr missing => Of(missing.Operand) is null,
            ImputeExpr impute => Of(impute.Operand) ?? Of(impute.Fallback),
            TimePartExpr part => Of(part.Operand) is Time time ? Part(part.Part, time) : null,
            CallExpr { Function: ScalarFunction.TextOf } call => TextOf(call.Operands[0], batch, row),
            TimestampExpr timestamp => new Time(timestamp.Microseconds),
            InZoneExpr zoned => Of(zoned.Operand) is Time instant ? WallTime(zoned.Zone, instant) : null,
            CallExpr call => RowFunctions.Call(call, [.. call.Operands.Select(Of)]),
            BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } bucketize =>
                Number(Of(bucketize.Operand)) is { } x ? values.Count(boundary => boundary <= x) : values.Count + 1,
            VocabularyExpr { Terms: FixedTerms terms } vocabulary => Lookup(terms, TextOf(vocabulary.Operand, batch, row)),
            HashExpr hash => TextOf(hash.Operand, batch, row) is { } text ? Hash(text, hash.Seed, hash.Buckets) : hash.Buckets,
            TermVectorExpr { Terms: FixedVectorTerms terms } vector => Of(vector.Operand) is ValueList<string> list
                ? RowLists.Vector(vector.Weight, terms, list) : null,
            CrossExpr cross => Cross(
                cross, [.. cross.Operands.Select(operand => (int)Of(Cardinality.AsCategory(operand, cross.Seed))!)]),
            BucketizeByExpr bucketize => Number(Of(bucketize.Operand)) is { } x
                ? bucketize.Boundaries[(int)Of(bucketize.Category)!].Values.Count(
                    boundary => boundary <= x) // a category is never missing
                : Cardinality.Of(bucketize) - 1,
            PickExpr pick => Finite(pick.Values[(int)Of(pick.Operand)!]), // a category is never missing
            _ => throw new UnreachableException($"'{expr}' is not frozen."),
        };

        object? Of(Expr child) => Evaluate(child, batch, row);
    }

    static object? Raw(Column column, int row) => (column.ValueAt(row), column.Type) switch
    {
        (null, _) => null,
        (long integer, _) => Finite(integer),
        (double number, _) => Finite(number),
        (string[] list, _) => new ValueList<string>([.. list]),
        (DateTime, _) => new Time(column.Int64s[row]),
        var (other, _) => other,
    };

    static object? Unary(UnaryOperator function, object? operand) => function == UnaryOperator.Not
        ? operand is bool truth ? !truth : null
        : Number(operand) is not { } x ? null : Finite(function switch
        {
            UnaryOperator.Negate => -x,
            UnaryOperator.Absolute => Math.Abs(x),
            UnaryOperator.SquareRoot => Math.Sqrt(x),
            UnaryOperator.Log => Math.Log(x),
            UnaryOperator.LogOnePlus => NumberFunctions.LogOnePlus(x),
            UnaryOperator.Exponential => Math.Exp(x),
            UnaryOperator.Floor => Math.Floor(x),
            UnaryOperator.Sine => Math.Sin(x),
            UnaryOperator.Cosine => Math.Cos(x),
            _ => throw new UnreachableException(),
        });

    static object? Binary(BinaryOperator function, object? left, object? right)
    {
        switch (function)
        {
            case BinaryOperator.And:
                return left is false || right is false ? false : left is null || right is null ? null : true;
            case BinaryOperator.Or:
                return left is true || right is true ? true : left is null || right is null ? null : false;
        }

        if (left is null || right is null)
        {
            return null;
        }

        if (left is string || left is Time)
        {
            return Compare(function, left is string text ? string.CompareOrdinal(text, (string)right)
                : ((Time)left).Microseconds.CompareTo(((Time)right).Microseconds));
        }

        var (x, y) = (Number(left)!.Value, Number(right)!.Value);
        return function switch
        {
            BinaryOperator.Add => Finite(x + y),
            BinaryOperator.Subtract => Finite(x - y),
            BinaryOperator.Multiply => Finite(x * y),
            BinaryOperator.Divide => Finite(x / y),
            BinaryOperator.Minimum => Finite(x <= y ? x : y),
            BinaryOperator.Maximum => Finite(x >= y ? x : y),
            BinaryOperator.Modulo => Finite(x - y * Math.Floor(x / y)),
            _ => Compare(function, x.CompareTo(y)),
        };
    }

    static bool Compare(BinaryOperator comparison, int sign) => comparison switch
    {
        BinaryOperator.Equal => sign == 0,
        BinaryOperator.NotEqual => sign != 0,
        BinaryOperator.Less => sign < 0,
        BinaryOperator.LessOrEqual => sign <= 0,
        BinaryOperator.Greater => sign > 0,
        BinaryOperator.GreaterOrEqual => sign >= 0,
        _ => throw new UnreachableException(),
    };

    static object Part(TimePart part, Time time)
    {
        if (part == TimePart.EpochSeconds)
        {
            return time.Microseconds / 1e6;
        }

        var moment = Timestamps.ToDateTime(time.Microseconds);
        return (double)(part switch
        {
            TimePart.Year => moment.Year,
            TimePart.Month => moment.Month,
            TimePart.Day => moment.Day,
            TimePart.Hour => moment.Hour,
            TimePart.Minute => moment.Minute,
            TimePart.Second => moment.Second,
            TimePart.Weekday => ((int)moment.DayOfWeek + 6) % 7,
            TimePart.DayOfYear => moment.DayOfYear,
            _ => throw new UnreachableException(),
        });
    }

    static Time WallTime(ZoneOffsets zone, Time instant)
    {
        var moment = Timestamps.ToDateTime(instant.Microseconds);
        var offset = TimeSpan.FromSeconds(zone.OffsetSeconds[zone.Starts.Count(start => Timestamps.ToDateTime(start) <= moment)]);
        var wall = offset < TimeSpan.Zero && moment - DateTime.MinValue < -offset ? DateTime.MinValue
            : offset > TimeSpan.Zero && DateTime.MaxValue - moment < offset ? DateTime.MaxValue
            : moment + offset;
        return new Time(Timestamps.FromDateTime(wall));
    }

    static int Lookup(FixedTerms terms, string? text)
    {
        var known = terms.Values.Count;
        return text is null ? known + terms.UnknownBuckets
            : terms.Values.Items.IndexOf(text) is >= 0 and var index ? index
            : known + Hash(text, 0, terms.UnknownBuckets);
    }

    static int Hash(string text, uint seed, int buckets) =>
        (int)(MurmurHash3.Hash32(Encoding.UTF8.GetBytes(text), seed) % (uint)buckets);

    static int Cross(CrossExpr cross, int[] categories)
    {
        var numbering = Cardinality.NumberingOf(cross);
        long key = categories[0];
        for (var index = 1; index < categories.Length; index++)
        {
            key = numbering.Append(key, index, categories[index]);
        }

        return numbering.Finish(key);
    }

    /// <summary>A lookup's or hash's operand as text: an integer column keeps all its digits.</summary>
    static string? TextOf(Expr operand, ColumnBatch batch, int row) =>
        operand is ColumnExpr column && batch[column.Name].ValueAt(row) is long integer
            ? integer.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Evaluate(operand, batch, row) switch
            {
                null => null,
                string text => text,
                var other => CategoryText.Of(Number(other)!.Value),
            };

    internal static double? Number(object? value) => value switch
    {
        double number => number,
        true => 1,
        false => 0,
        _ => null,
    };

    /// <summary>The number, 0 for −0, missing for whatever is not finite.</summary>
    internal static object? Finite(double value) => !double.IsFinite(value) ? null : value == 0 ? 0.0 : value;
}
