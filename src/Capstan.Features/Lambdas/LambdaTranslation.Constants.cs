using System.Diagnostics;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Constants: what does not depend on the row.</summary>
sealed partial class LambdaTranslation
{
    const long LargestExactInteger = 1L << 53;

    // The language has no words for truths.
    static readonly Expr True = Expressions.Equal(1, 1);
    static readonly Expr False = Expressions.Equal(1, 0);

    /// <summary>A number that is missing everywhere: whatever has no finite value is.</summary>
    static readonly Expr MissingNumber = new NumberExpr(0) / 0;

    static Expr Truth(bool value) => value ? True : False;

    static Expr And(Expr left, Expr right) => left == True ? right : right == True ? left
        : left == False || right == False ? False : Expressions.And(left, right);

    static Expr Or(Expr left, Expr right) => left == False ? right : right == False ? left
        : left == True || right == True ? True : Expressions.Or(left, right);

    Expr Constant(Expression node)
    {
        if (LambdaConstants.ChangingIn(node) is { } changing)
        {
            throw Refuse(
                changing, "it is another value each time; store it in a variable if today's value is meant to stay in the " +
                    "model.");
        }

        return ValueOf(node) switch
        {
            null when IsNumber(Stripped(node.Type)) => MissingNumber,
            null => throw Refuse(node, "null has no translation here; leave the value to ?? or to Feature.IsMissing."),
            bool truth => Truth(truth),
            string words => Words(node, words),
            char letter => Words(node, letter.ToString()),
            double number => Finite(node, number),
            float number => Finite(node, number),
            decimal => throw Refuse(node, "features calculate in double precision; write the constant as a double."),
            DayOfWeek day => (double)(int)day,
            Enum name => Expressions.Text(name.ToString()),
            DateTime time => Time(node, time),
            DateOnly date => Time(node, date.ToDateTime(TimeOnly.MinValue)),
            TimeSpan span => span.Ticks % TimeSpan.TicksPerMicrosecond == 0
                ? span.Ticks / TimeSpan.TicksPerMicrosecond / 1e6
                : throw Refuse(node, "times count microseconds; round it to them."),
            IConvertible whole when IsWhole(whole.GetType()) => Whole(node, whole),
            var other => throw Refuse(
                node,
                $"a constant of the type {CSharpText.Of(other.GetType())} has no translation; expected a number, text, truth " +
                    $"or time."),
        };
    }

    static object? ValueOf(Expression node) => LambdaConstants.ValueOf(node);

    Expr Finite(Expression node, double value) => double.IsFinite(value) ? value
        : double.IsNaN(value) ? MissingNumber
        : throw Refuse(node, "a number is finite or missing here; take a finite limit.");

    Expr Whole(Expression node, IConvertible value)
    {
        var number = value.ToDecimal(CultureInfo.InvariantCulture);
        return Math.Abs(number) <= LargestExactInteger ? (double)number
            : throw Refuse(node, "whole numbers are exact up to 2^53 only; compare such keys as text.");
    }

    Expr Words(Expression node, string words) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(words)) == words
        ? Expressions.Text(words)
        : throw Refuse(node, "half of a surrogate pair is no text; take the whole code point.");

    Expr Time(Expression node, DateTime time) => time.Ticks % TimeSpan.TicksPerMicrosecond == 0
        ? new TimestampExpr(Timestamps.FromDateTime(time))
        : throw Refuse(node, "times count microseconds; round it to them.");

    /// <summary>What <c>default</c> is for a type of which there are columns.</summary>
    Expr Default(Expression node, Type type) => type == typeof(bool) ? False
        : IsNumber(type) || type == typeof(DayOfWeek) ? 0
        : type == typeof(DateTime) || type == typeof(DateOnly) ? new TimestampExpr(Timestamps.MinValue)
        : type.IsEnum ? Expressions.Text(Enum.ToObject(type, 0).ToString() ?? throw new UnreachableException())
        : throw Refuse(node, $"the default of {CSharpText.Of(type)} has no translation; say another with ??.");
}
