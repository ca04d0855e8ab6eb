namespace Capstan.Features;

// The numbers of these enumerations are written into artifacts and never reused.

/// <summary>Functions of one operand.</summary>
public enum UnaryOperator : byte
{
    Negate = 1,
    Absolute = 2,
    SquareRoot = 3,

    /// <summary>Natural logarithm; missing for x ≤ 0.</summary>
    Log = 4,

    /// <summary>ln(1 + x); missing for x ≤ −1.</summary>
    LogOnePlus = 5,
    Exponential = 6,
    Floor = 7,
    Sine = 8,
    Cosine = 9,

    /// <summary>Logical negation of a truth.</summary>
    Not = 10,
}

/// <summary>Functions of two operands.</summary>
public enum BinaryOperator : byte
{
    Add = 1,
    Subtract = 2,
    Multiply = 3,
    Divide = 4,
    Minimum = 5,
    Maximum = 6,

    /// <summary>The remainder x − y·⌊x/y⌋, which has the sign of y; missing for y = 0.</summary>
    Modulo = 7,
    Equal = 10,
    NotEqual = 11,
    Less = 12,
    LessOrEqual = 13,
    Greater = 14,
    GreaterOrEqual = 15,

    /// <summary>False if either is false, else missing if either is missing (Kleene, as in SQL).</summary>
    And = 20,

    /// <summary>True if either is true, else missing if either is missing (Kleene, as in SQL).</summary>
    Or = 21,
}

/// <summary>Numbers read off a timestamp.</summary>
public enum TimePart : byte
{
    Year = 1,

    /// <summary>1 to 12.</summary>
    Month = 2,

    /// <summary>Day of the month, 1 to 31.</summary>
    Day = 3,

    /// <summary>0 to 23.</summary>
    Hour = 4,

    /// <summary>0 to 59.</summary>
    Minute = 5,

    /// <summary>0 to 59, whole seconds.</summary>
    Second = 6,

    /// <summary>0 = Monday to 6 = Sunday (ISO 8601 order).</summary>
    Weekday = 7,

    /// <summary>1 to 366.</summary>
    DayOfYear = 8,

    /// <summary>Seconds since 1970-01-01T00:00:00, with their fraction.</summary>
    EpochSeconds = 9,
}

/// <summary>What a full pass finds out about a number; missing values are left out.</summary>
public enum Statistic : byte
{
    Mean = 1,

    /// <summary>√(biased variance); 1 where that is 0, so that dividing by it is safe.</summary>
    StandardDeviation = 2,
    Minimum = 3,
    Maximum = 4,

    /// <summary>The quantile of the share given as argument; exact for few rows, else within the sketch's rank error.</summary>
    Quantile = 5,

    /// <summary>Maximum − minimum; 1 where that is 0, so that dividing by it is safe.</summary>
    Range = 6,
}
