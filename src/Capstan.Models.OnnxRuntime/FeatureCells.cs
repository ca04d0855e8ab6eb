using System.Diagnostics;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.OnnxRuntime;

/// <summary>The values of one feature, as ONNX inputs take them. A missing number is NaN; a missing time is the least
/// integer.</summary>
abstract class FeatureCells
{
    private protected FeatureCells()
    {
    }

    /// <exception cref="ArgumentException">The layout has no such feature.</exception>
    public static FeatureCells Of(FeatureLayout layout, string name)
    {
        if (layout.Passed.IndexOf(name) >= 0)
        {
            return new Column(layout.Passed[name]);
        }

        if (Array.FindIndex([.. layout.Numerics], spec => spec.Name == name) is >= 0 and var numeric)
        {
            return new Number(numeric);
        }

        return Array.FindIndex([.. layout.Categories], spec => spec.Name == name) is >= 0 and var category
            ? new Category(category)
            : throw new ArgumentException($"There is no feature '{name}'.");
    }

    /// <summary>What a raw column would have to be to hold them.</summary>
    public abstract DataType Type { get; }

    /// <param name="values">[rows] from row <paramref name="first"/> on, overwritten.</param>
    public abstract void CopyNumbers(FeatureBuffer features, int first, Span<double> values);

    /// <inheritdoc cref="CopyNumbers"/>
    public abstract void CopyIntegers(FeatureBuffer features, int first, Span<long> values);

    /// <summary>The raw column behind them; null where they were computed.</summary>
    public virtual Data.Column? ColumnOf(FeatureBuffer features) => null;

    sealed class Number(int index) : FeatureCells
    {
        public override DataType Type => DataType.Float64;

        public override void CopyNumbers(FeatureBuffer features, int first, Span<double> values)
        {
            var source = features.Numeric(index).Slice(first, values.Length);
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = source[row];
            }
        }

        public override void CopyIntegers(FeatureBuffer features, int first, Span<long> values)
        {
            var source = features.Numeric(index).Slice(first, values.Length);
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = (long)MathF.Round(source[row]);
            }
        }
    }

    sealed class Category(int index) : FeatureCells
    {
        public override DataType Type => DataType.Int64;

        public override void CopyNumbers(FeatureBuffer features, int first, Span<double> values)
        {
            var source = features.Category(index).Slice(first, values.Length);
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = source[row];
            }
        }

        public override void CopyIntegers(FeatureBuffer features, int first, Span<long> values)
        {
            var source = features.Category(index).Slice(first, values.Length);
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = source[row];
            }
        }
    }

    sealed class Column(Field raw) : FeatureCells
    {
        public override DataType Type => raw.Type;

        public override Data.Column ColumnOf(FeatureBuffer features) => features.Passed[raw.Name];

        public override void CopyNumbers(FeatureBuffer features, int first, Span<double> values)
        {
            var column = ColumnOf(features);
            for (var index = 0; index < values.Length; index++)
            {
                var row = first + index;
                values[index] = !column.IsPresent(row) ? double.NaN : raw.Type switch
                {
                    DataType.Float64 => column.Float64s[row],
                    DataType.Boolean => column.BooleanAt(row) ? 1 : 0,
                    DataType.Int64 or DataType.Timestamp => column.Int64s[row],
                    _ => throw new UnreachableException(),
                };
            }
        }

        public override void CopyIntegers(FeatureBuffer features, int first, Span<long> values)
        {
            var column = ColumnOf(features);
            for (var index = 0; index < values.Length; index++)
            {
                var row = first + index;
                values[index] = !column.IsPresent(row) ? (raw.Type == DataType.Timestamp ? long.MinValue : 0) : raw.Type switch
                {
                    DataType.Boolean => column.BooleanAt(row) ? 1 : 0,
                    DataType.Int64 or DataType.Timestamp => column.Int64s[row],
                    _ => throw new UnreachableException(),
                };
            }
        }
    }
}
