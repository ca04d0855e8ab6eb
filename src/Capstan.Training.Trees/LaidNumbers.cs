using System.Collections.Immutable;
using Capstan.Features;

namespace Capstan.Training.Trees;

/// <summary>How numeric features are laid for LightGBM: an offset as zeros, which are never split on, and missing values as NaN.</summary>
/// <param name="Offset">The feature that is no feature to split on; null for none.</param>
/// <param name="MissingValues">[numeric features] what stands for a missing value, NaN where nothing does; empty for none at all.</param>
sealed record LaidNumbers(int? Offset, ImmutableArray<float> MissingValues)
{
    public static LaidNumbers Plain { get; } = new(null, []);

    /// <summary>
    /// What stands for missing values in these rows: what is named as such, where some value is that and it lies below all others by at
    /// least as much as they span. Elsewhere it is a number like others (a median of 0 of amounts that are mostly 0), or there is
    /// nothing to learn of it.
    /// </summary>
    /// <param name="named">By the names of numeric features.</param>
    public static LaidNumbers Of(FeatureStore rows, int? offset, ImmutableDictionary<string, float> named)
    {
        var numerics = rows.Layout.Numerics;
        float[] values = [.. numerics.Select(spec => named.GetValueOrDefault(spec.Name, float.NaN))];
        int[] marked = [.. Enumerable.Range(0, values.Length).Where(index => !float.IsNaN(values[index]) && index != offset)];
        if (marked.Length == 0)
        {
            return new LaidNumbers(offset, []);
        }

        var met = new bool[values.Length];
        var (least, most) = (new float[values.Length], new float[values.Length]);
        Array.Fill(least, float.PositiveInfinity);
        Array.Fill(most, float.NegativeInfinity);
        foreach (var batch in rows.Rows(8192))
        {
            foreach (var index in marked)
            {
                foreach (var value in batch.Features.Numeric(index))
                {
                    if (value == values[index])
                    {
                        met[index] = true;
                        continue;
                    }

                    least[index] = MathF.Min(least[index], value);
                    most[index] = MathF.Max(most[index], value);
                }
            }
        }

        return new LaidNumbers(offset, [.. values.Select((value, index) => met[index] && IsFarBelow(index) ? value : float.NaN)]);

        bool IsFarBelow(int index) => least[index] > values[index] && least[index] - values[index] >= most[index] - least[index];
    }

    /// <summary>Whether every value of a numeric feature is laid as it is.</summary>
    public bool IsPlain(int index) => index != Offset && (MissingValues.IsEmpty || float.IsNaN(MissingValues[index]));

    /// <summary>A numeric feature's value as LightGBM sees it.</summary>
    public double Laid(int index, float value) =>
        index == Offset ? 0 : index < MissingValues.Length && value == MissingValues[index] ? double.NaN : value;
}
