using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// How a feature is computed from raw columns: an immutable tree, the same in training, serving and export. Numbers are
/// finite or missing: whatever would be NaN or infinite (division by zero, log of a negative, overflow) is missing, and an
/// operation on a missing value is missing unless it says otherwise.
/// </summary>
/// <remarks>
/// A closed set: the cases are in this file. Leaves that stand for a full pass over the data (<see cref="StatisticExpr"/>,
/// <see cref="QuantileBoundaries"/>, <see cref="LearnedTerms"/>, <see cref="LearnedVectorTerms"/>, <see cref="FittedExpr"/>) are
/// replaced by constants when the graph is fitted. Expressions compare by value. <see cref="ToString"/> prints the text that <see
/// cref="ExprParser"/> reads.
/// </remarks>
public abstract record Expr
{
    private protected Expr()
    {
    }

    public static Expr operator +(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Add, left, right);

    public static Expr operator -(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Subtract, left, right);

    public static Expr operator *(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Multiply, left, right);

    public static Expr operator /(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Divide, left, right);

    /// <summary>The remainder with the sign of the divisor, which differs from C#'s for operands of unlike sign.</summary>
    public static Expr operator %(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Modulo, left, right);

    public static Expr operator -(Expr operand) => new UnaryExpr(UnaryOperator.Negate, operand);

    public static Expr operator >(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Greater, left, right);

    public static Expr operator <(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Less, left, right);

    public static Expr operator >=(Expr left, Expr right) => new BinaryExpr(BinaryOperator.GreaterOrEqual, left, right);

    public static Expr operator <=(Expr left, Expr right) => new BinaryExpr(BinaryOperator.LessOrEqual, left, right);

    public static Expr operator &(Expr left, Expr right) => new BinaryExpr(BinaryOperator.And, left, right);

    public static Expr operator |(Expr left, Expr right) => new BinaryExpr(BinaryOperator.Or, left, right);

    public static Expr operator !(Expr operand) => new UnaryExpr(UnaryOperator.Not, operand);

    public static implicit operator Expr(double value) => new NumberExpr(value);

    public sealed override string ToString() => ExprPrinter.Print(this);
}

/// <summary>A raw column.</summary>
public sealed record ColumnExpr(string Name) : Expr;

/// <summary>A finite number.</summary>
public sealed record NumberExpr : Expr
{
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite.</exception>
    public NumberExpr(double value) => Value = double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A number in an expression must be finite.");

    public double Value { get; }
}

/// <summary>A piece of text.</summary>
public sealed record TextExpr(string Value) : Expr;

/// <summary>A point in time: microseconds since 1970-01-01T00:00:00, no zone.</summary>
public sealed record TimestampExpr : Expr
{
    /// <exception cref="ArgumentOutOfRangeException">The time is not in the years 1 to 9999.</exception>
    public TimestampExpr(long microseconds) => Microseconds = microseconds >= Timestamps.MinValue &&
        microseconds <= Timestamps.MaxValue
        ? microseconds
        : throw new ArgumentOutOfRangeException(
            nameof(microseconds), microseconds, "A time in an expression must be in the years 1 to 9999.");

    public long Microseconds { get; }
}

/// <summary>A number from a number (or, for <see cref="UnaryOperator.Not"/>, a truth from a truth).</summary>
public sealed record UnaryExpr(UnaryOperator Operator, Expr Operand) : Expr;

/// <summary>Arithmetic (number), comparison (truth) or logic (truth) of two operands.</summary>
public sealed record BinaryExpr(BinaryOperator Operator, Expr Left, Expr Right) : Expr;

/// <summary><see cref="Then"/> where the condition is true; <see cref="Otherwise"/> where it is false or missing.</summary>
public sealed record IfExpr(Expr Condition, Expr Then, Expr Otherwise) : Expr;

/// <summary>True where the operand is missing, else false; never missing.</summary>
public sealed record IsMissingExpr(Expr Operand) : Expr;

/// <summary>The operand, or the fallback where the operand is missing.</summary>
public sealed record ImputeExpr(Expr Operand, Expr Fallback) : Expr;

/// <summary>A number read off a timestamp, such as its hour.</summary>
public sealed record TimePartExpr(TimePart Part, Expr Operand) : Expr;

/// <summary>The wall time of a zone at an instant in UTC.</summary>
public sealed record InZoneExpr(Expr Operand, ZoneOffsets Zone) : Expr;

/// <summary>
/// A function of operands whose kinds are fixed, such as lower(text); missing if an operand is. One node for all of them, so that
/// a new function costs one signature, one instruction and one line of the reference.
/// </summary>
public sealed record CallExpr(ScalarFunction Function, ValueList<Expr> Operands) : Expr;

/// <summary>A statistic of the operand over all training rows; a <see cref="NumberExpr"/> once fitted.</summary>
/// <param name="Argument">The share for <see cref="Statistic.Quantile"/> (0 to 1); 0 for all others.</param>
public sealed record StatisticExpr(Statistic Statistic, double Argument, Expr Operand) : Expr;

/// <summary>
/// The category i of a number x with b[i−1] ≤ x &lt; b[i]; with n boundaries there are n + 1 buckets, and one more category
/// for missing values, the last.
/// </summary>
public sealed record BucketizeExpr(Expr Operand, Boundaries Boundaries) : Expr;

/// <summary>
/// The category of a text (or a number, by its shortest decimal form) in a list of known terms: first the terms in order,
/// then the out-of-vocabulary buckets, then one for missing values.
/// </summary>
public sealed record VocabularyExpr(Expr Operand, Terms Terms) : Expr;

/// <summary>
/// The category MurmurHash3_x86_32(UTF-8 bytes, seed) mod buckets of a text or number; missing values have one more, the last.
/// </summary>
public sealed record HashExpr(Expr Operand, int Buckets, uint Seed) : Expr;

/// <summary>
/// The combination of two or more categories (or texts) as one category: numbered through exactly where the product of
/// their cardinalities fits into the buckets, else hashed into them.
/// </summary>
public sealed record CrossExpr(ValueList<Expr> Operands, int Buckets, uint Seed) : Expr;

/// <summary>
/// A list as numbers, one for each of some terms: how often the term stands in the list, weighed. Missing lists make every number
/// missing; items that are no term count nowhere.
/// </summary>
public sealed record TermVectorExpr(TermWeight Weight, Expr Operand, VectorTerms Terms) : Expr;

/// <summary>
/// As <see cref="BucketizeExpr"/>, with boundaries of their own for each of a category's categories, the missing one included.
/// </summary>
public sealed record BucketizeByExpr(Expr Operand, Expr Category, ValueList<FixedBoundaries> Boundaries) : Expr;

/// <summary>
/// The number that stands at a category's place in a list: one for each of the operand's categories, the missing one included.
/// </summary>
public sealed record PickExpr(Expr Operand, ValueList<double> Values) : Expr;

/// <summary>
/// A function that a pass over the training rows fits, such as a mean by key; replaced by its frozen form when the graph is
/// fitted. One node for all of them, so that a new one costs one file.
/// </summary>
/// <param name="Options">One number for each option of the function.</param>
public sealed record FittedExpr(FittedFunction Function, ValueList<Expr> Operands, ValueList<double> Options) : Expr;

/// <summary>Where buckets begin.</summary>
public abstract record Boundaries
{
    private protected Boundaries()
    {
    }
}

/// <summary>Quantiles of the training rows, found by fitting: at most <paramref name="Buckets"/> buckets of equal mass.</summary>
public sealed record QuantileBoundaries(int Buckets) : Boundaries;

/// <summary>Strictly increasing boundaries.</summary>
public sealed record FixedBoundaries(ValueList<double> Values) : Boundaries;

/// <summary>The known terms of a vocabulary.</summary>
/// <param name="UnknownBuckets">≥ 1: how many categories unknown terms are hashed into.</param>
public abstract record Terms(int UnknownBuckets)
{
    // Sealed hierarchies of records can't have a private protected primary constructor; this member keeps it closed instead.
    private protected abstract void Closed();
}

/// <summary>
/// The most frequent terms of the training rows, found by fitting: at most <paramref name="MaxSize"/>, each seen at least
/// <paramref name="MinCount"/> times.
/// </summary>
public sealed record LearnedTerms(int MaxSize, long MinCount, int UnknownBuckets) : Terms(UnknownBuckets)
{
    private protected override void Closed()
    {
    }
}

/// <summary>Distinct terms in category order.</summary>
public sealed record FixedTerms(ValueList<string> Values, int UnknownBuckets) : Terms(UnknownBuckets)
{
    private protected override void Closed()
    {
    }
}
