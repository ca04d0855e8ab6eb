using System.Linq.Expressions;
using static System.Linq.Expressions.Expression;

namespace Capstan.Features.Tests.Lambdas;

/// <summary>Random well-typed lambdas over <see cref="Ride"/>, from a seed.</summary>
sealed class LambdaGenerator(int seed)
{
    static readonly ParameterExpression Row = Parameter(typeof(Ride), "t");

    readonly Random _random = new(seed);

    public Random Random => _random;

    public LambdaExpression Lambda() => Expression.Lambda(Pick<Func<int, Expression>>(Number, Number, Whole, Truth, Truth, Word, Optional)(4), Row);

    Expression Number(int depth) => depth == 0 || _random.Next(5) == 0
        ? Pick<Expression>(Of(nameof(Ride.X)), Of(nameof(Ride.Y)), Value(Math.Round(_random.NextDouble() * 8 - 4, 2)), Convert(Of(nameof(Ride.Single)), typeof(double)),
            Convert(Of(nameof(Ride.Money)), typeof(double)), Convert(Of(nameof(Ride.Byte)), typeof(double)))
        : Pick<Func<Expression>>(
            () => Pick<Func<Expression, Expression, Expression>>(Add, Subtract, Multiply, Divide)(Number(depth - 1), Number(depth - 1)),
            () => Negate(Number(depth - 1)),
            () => OfMath(Pick("Abs", "Sqrt", "Floor", "Ceiling", "Truncate", "Round", "Sin", "Cos", "Exp", "Log", "Log10", "Tanh"), Number(depth - 1)),
            () => OfMath(Pick("Min", "Max", "Pow", "Atan2"), Number(depth - 1), Number(depth - 1)),
            () => OfMath("Round", Number(depth - 1), Value(_random.Next(4))),
            () => OfMath("Clamp", Number(depth - 1), Value(-1.5), Value(2.5)),
            () => Condition(Truth(depth - 1), Number(depth - 1), Number(depth - 1)),
            () => Coalesce(Optional(depth - 1), Number(depth - 1)),
            () => Call(Optional(depth - 1), "GetValueOrDefault", []),
            () => Property(Optional(depth - 1), "Value"),
            () => Property(Span(depth - 1), Pick("TotalSeconds", "TotalMinutes", "TotalHours", "TotalDays", "TotalMilliseconds")),
            () => Convert(Whole(depth - 1), typeof(double)))();

    Expression Whole(int depth) => depth == 0 || _random.Next(5) == 0
        ? Pick<Expression>(Of(nameof(Ride.N)), Value(_random.Next(-4, 5)), Convert(Of(nameof(Ride.Byte)), typeof(int)))
        : Pick<Func<Expression>>(
            () => Pick<Func<Expression, Expression, Expression>>(Add, Subtract, Multiply, Divide, Divide, Modulo)(Whole(depth - 1), Whole(depth - 1)),
            () => Property(Time(), Pick("Year", "Month", "Day", "Hour", "Minute", "Second", "DayOfYear")),
            () => Convert(Property(Pick<Expression>(Time(), Of(nameof(Ride.Day)), Of(nameof(Ride.Offset))), "DayOfWeek"), typeof(int)),
            () => Convert(Number(depth - 1), typeof(int)),
            () => OfMath(Pick("Min", "Max"), Whole(depth - 1), Whole(depth - 1)),
            () => OfMath("Abs", Whole(depth - 1)),
            () => OfMath("Sign", Number(depth - 1)),
            () => Coalesce(Of(nameof(Ride.Riders)), Whole(depth - 1)),
            () => Condition(Truth(depth - 1), Whole(depth - 1), Whole(depth - 1)))();

    Expression Optional(int depth) => depth == 0 || _random.Next(3) == 0
        ? Pick<Expression>(Of(nameof(Ride.Tip)), Convert(Of(nameof(Ride.Riders)), typeof(double?)), Convert(Of(nameof(Ride.X)), typeof(double?)))
        : Pick<Func<Expression>>(
            () => Pick<Func<Expression, Expression, Expression>>(Add, Subtract, Multiply, Divide)(Optional(depth - 1), Convert(Number(depth - 1), typeof(double?))),
            () => Coalesce(Optional(depth - 1), Optional(depth - 1)),
            () => Condition(Truth(depth - 1), Optional(depth - 1), Constant(null, typeof(double?))))();

    Expression Truth(int depth) => depth == 0 || _random.Next(6) == 0
        ? Of(nameof(Ride.Flag))
        : Pick<Func<Expression>>(
            () => Pick(Comparisons)(Number(depth - 1), Number(depth - 1)),
            () => Pick(Comparisons)(Whole(depth - 1), Whole(depth - 1)),
            () => Pick(Comparisons)(Of(nameof(Ride.Long)), Convert(Whole(depth - 1), typeof(long))),
            () => Pick(Comparisons)(Optional(depth - 1), Optional(depth - 1)),
            () => Pick(Comparisons)(Optional(depth - 1), Convert(Number(depth - 1), typeof(double?))),
            () => Pick(Comparisons)(Time(), Pick<Expression>(Time(), Value(new DateTime(2001, 6, 30, 17, 45, 0)))),
            () => Pick(Comparisons)(Of(nameof(Ride.End)), Convert(Time(), typeof(DateTime?))),
            () => Pick(Comparisons)(Span(depth - 1), Value(TimeSpan.FromMinutes(90))),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(Word(depth - 1), Word(depth - 1)),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(Convert(Of(nameof(Ride.Payment)), typeof(int)), Value((int)Payment.Voucher)),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(
                Convert(Of(nameof(Ride.Other)), typeof(int?)), Pick<Expression>(Constant((int?)1, typeof(int?)), Convert(Of(nameof(Ride.Payment)), typeof(int?)))),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(Convert(Of(nameof(Ride.Letter)), typeof(int)), Value((int)'é')),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(
                Of(nameof(Ride.Night)), Pick<Expression>(Constant(true, typeof(bool?)), Constant(false, typeof(bool?)), Constant(null, typeof(bool?)), Of(nameof(Ride.Night)))),
            () => Pick<Func<Expression, Expression, Expression>>(Equal, NotEqual)(Word(depth - 1), Constant(null, typeof(string))),
            () => Coalesce(Of(nameof(Ride.Night)), Pick<Expression>(Truth(depth - 1), Value(true), Value(false))),
            () => Property(Optional(depth - 1), "HasValue"),
            () => Pick<Func<Expression, Expression, Expression>>(AndAlso, OrElse, And, Or, ExclusiveOr)(Truth(depth - 1), Truth(depth - 1)),
            () => Not(Truth(depth - 1)),
            () => Call(Word(depth - 1), "Contains", [], Pick<Expression>(Value("a"), Word(0))),
            () => Call(Word(depth - 1), Pick("StartsWith", "EndsWith"), [], Value("a"), Value(StringComparison.Ordinal)),
            () => Call(typeof(string), Pick("IsNullOrEmpty", "IsNullOrWhiteSpace"), [], Word(depth - 1)),
            () => Condition(Truth(depth - 1), Truth(depth - 1), Truth(depth - 1)))();

    Expression Word(int depth) => depth == 0 || _random.Next(3) == 0
        ? Pick<Expression>(Of(nameof(Ride.Word)), Of(nameof(Ride.Vendor)), Value(Pick("a", "", "é", "𝄞")))
        : Pick<Func<Expression>>(
            () => Call(Word(depth - 1), Pick("ToLowerInvariant", "ToUpperInvariant", "Trim"), []),
            () => Call(Word(depth - 1), "Replace", [], Value(Pick("a", "é", " ")), Pick<Expression>(Word(0), Constant(null, typeof(string)))),
            () => Add(Word(depth - 1), Word(depth - 1), typeof(string).GetMethod("Concat", [typeof(string), typeof(string)])),
            () => Coalesce(Of(nameof(Ride.Word)), Word(depth - 1)),
            () => Condition(Truth(depth - 1), Word(depth - 1), Word(depth - 1)))();

    static readonly Func<Expression, Expression, Expression>[] Comparisons = [Equal, NotEqual, LessThan, LessThanOrEqual, GreaterThan, GreaterThanOrEqual];

    Expression Time() => Pick<Expression>(Of(nameof(Ride.Start)), Property(Of(nameof(Ride.End)), "Value"), Coalesce(Of(nameof(Ride.End)), Of(nameof(Ride.Start))));

    Expression Span(int depth) => depth > 1 && _random.Next(4) == 0
        ? Condition(Truth(depth - 1), Span(0), Span(0))
        : Subtract(Time(), Time());

    static MemberExpression Of(string property) => Property(Row, property);

    static ConstantExpression Value(object value) => Constant(value);

    static MethodCallExpression OfMath(string name, params Expression[] arguments) => Call(typeof(Math), name, [], arguments);

    T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
