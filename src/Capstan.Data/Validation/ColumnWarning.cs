using System.Diagnostics;
using System.Globalization;

namespace Capstan.Data;

/// <summary>What makes a column less useful than it looks.</summary>
public enum WarningKind
{
    Empty,
    Constant,
    MostlyMissing,
    Key,
    ManyZeros,
    FarValues,
    Skewed,
    ManyValues,
    OneValue,
}

/// <summary>A property of a column that a person who is going to learn from it should know.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Text">What was seen, in a few words with its figures.</param>
public readonly record struct ColumnWarning(WarningKind Kind, string Text)
{
    const double MostlyMissingShare = 0.5;
    const double KeyShare = 0.9;
    const long KeyRows = 100;
    const double ManyZerosShare = 0.5;
    const double FarWidths = 10;
    const double SkewedShare = 0.5;
    const long SkewedValues = 20;
    const double ManyValuesShare = 0.5;
    const long ManyValuesCount = 1000;
    const double OneValueShare = 0.95;

    /// <summary>The kind in a word or two.</summary>
    public string Name => Kind switch
    {
        WarningKind.Empty => "empty",
        WarningKind.Constant => "constant",
        WarningKind.MostlyMissing => "mostly missing",
        WarningKind.Key => "key",
        WarningKind.ManyZeros => "many zeros",
        WarningKind.FarValues => "far values",
        WarningKind.Skewed => "skewed",
        WarningKind.ManyValues => "many values",
        WarningKind.OneValue => "one value",
        _ => throw new UnreachableException(),
    };

    /// <summary>The warnings of a column, the gravest first; none of most.</summary>
    /// <remarks>
    /// Far: beyond ten times the width of the middle 98 %. Skewed: the middle of the 5 % and 95 % quantiles is more than a
    /// quarter of their distance from the median (Bowley's measure, of outer quantiles, above ½).
    /// </remarks>
    public static IReadOnlyList<ColumnWarning> Of(ColumnStatistics column)
    {
        if (column.PresentCount == 0)
        {
            return column.Count == 0 ? [] : [new(WarningKind.Empty, "no value in any row")];
        }

        var warnings = new List<ColumnWarning>();
        if (IsConstant(column))
        {
            warnings.Add(new(WarningKind.Constant, "one value in all rows"));
        }

        var missing = (double)column.MissingCount / column.Count;
        if (missing > MostlyMissingShare)
        {
            warnings.Add(new(WarningKind.MostlyMissing, $"{Share(missing)} missing"));
        }

        if (!IsConstant(column))
        {
            AddOfValues(warnings, column);
        }

        return warnings;
    }

    static bool IsConstant(ColumnStatistics column) => column switch
    {
        { Numbers: { } numbers } => numbers.Min == numbers.Max,
        { Type: DataType.TextList, Lengths: { } lengths } => column.Distinct!.Value <= 1 && lengths.Min == lengths.Max,
        { Values: not null } => column.Distinct!.Value == 1, // texts have it
        { Earliest: { } earliest, Latest: { } latest } => earliest == latest,
        _ => column.TrueCount == 0 || column.TrueCount == column.PresentCount,
    };

    static void AddOfValues(List<ColumnWarning> warnings, ColumnStatistics column)
    {
        var isKey = column.Type is DataType.Int64 or DataType.Text && column.PresentCount >= KeyRows &&
            column.Distinct?.Value > KeyShare * column.PresentCount;
        if (isKey)
        {
            warnings.Add(new(WarningKind.Key, "another value in nearly every row"));
        }

        switch (column)
        {
            case { Quantiles: { } quantiles, Numbers: not null } when !isKey:
                AddOfNumbers(warnings, column, quantiles);
                break;
            case { Type: DataType.Text, Values: { } values, Distinct: { } distinct } when !isKey:
                if (distinct.Value > ManyValuesCount && distinct.Value > ManyValuesShare * column.PresentCount)
                {
                    var count = distinct.Value.ToString("N0", CultureInfo.InvariantCulture);
                    warnings.Add(new(WarningKind.ManyValues, $"{count} different values"));
                }

                AddOneValue(warnings, column, values.Ordered(1) is [var first] ? first.Count : 0);
                break;
            case { Type: DataType.Boolean }:
                AddOneValue(warnings, column, Math.Max(column.TrueCount, column.PresentCount - column.TrueCount));
                break;
        }
    }

    static void AddOfNumbers(List<ColumnWarning> warnings, ColumnStatistics column, QuantileSketch quantiles)
    {
        var zeros = (double)column.ZeroCount / column.PresentCount;
        if (zeros > ManyZerosShare)
        {
            warnings.Add(new(WarningKind.ManyZeros, $"{Share(zeros)} zeros"));
        }

        var (low, high) = (quantiles.Quantile(0.01), quantiles.Quantile(0.99));
        var reach = FarWidths * (high - low);
        if (reach > 0 && (quantiles.Max > high + reach || quantiles.Min < low - reach))
        {
            var far = quantiles.Max > high + reach ? quantiles.Max : quantiles.Min;
            warnings.Add(new(
                WarningKind.FarValues, $"reaches to {Number(far)}, 98 % lie between {Number(low)} and {Number(high)}"));
        }

        var (left, middle, right) = (quantiles.Quantile(0.05), quantiles.Quantile(0.5), quantiles.Quantile(0.95));
        // Codes are not measured on a scale.
        var isScale = column.Distinct is null || column.Distinct.Value > SkewedValues;
        if (isScale && zeros <= ManyZerosShare && Math.Abs(left + right - 2 * middle) > SkewedShare * (right - left))
        {
            warnings.Add(new(WarningKind.Skewed, $"skewed to the {(left + right > 2 * middle ? "right" : "left")}"));
        }
    }

    static void AddOneValue(List<ColumnWarning> warnings, ColumnStatistics column, long count)
    {
        var share = (double)count / column.PresentCount;
        if (share > OneValueShare)
        {
            warnings.Add(new(WarningKind.OneValue, $"one value in {Share(share)}"));
        }
    }

    static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
