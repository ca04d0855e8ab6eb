using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>Count and sum of numbers in each of <see cref="Folds"/> folds of the rows.</summary>
/// <remarks>
/// Numbers that are not finite or beyond ±1e140 are not observed, so that no sum ever overflows. Merging commutes to the bit.
/// </remarks>
public sealed class FoldSums : IMergeable<FoldSums>, IStoredState<FoldSums>
{
    public const int Folds = 5;

    const double Largest = 1e140;

    readonly long[] _counts = new long[Folds];
    readonly double[] _sums = new double[Folds];

    public static FoldSums Empty => new();

    public long Count => _counts.Sum();

    public double Sum => _sums.Sum();

    /// <param name="fold">0 to <see cref="Folds"/> − 1.</param>
    public void Observe(int fold, double value)
    {
        if (Math.Abs(value) <= Largest)
        {
            _counts[fold]++;
            _sums[fold] += value;
        }
    }

    /// <summary>Count and sum of all folds but one, added up without it.</summary>
    public (long Count, double Sum) Without(int fold)
    {
        var (count, sum) = (0L, 0.0);
        for (var other = 0; other < Folds; other++)
        {
            (count, sum) = other == fold ? (count, sum) : (count + _counts[other], sum + _sums[other]);
        }

        return (count, sum);
    }

    public FoldSums Merge(FoldSums other)
    {
        var merged = new FoldSums();
        for (var fold = 0; fold < Folds; fold++)
        {
            merged._counts[fold] = _counts[fold] + other._counts[fold];
            merged._sums[fold] = _sums[fold] + other._sums[fold];
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 2);
        fields.Words(1, [.. _counts.Select(count => (ulong)count)]);
        fields.Words(2, [.. _sums.Select(BitConverter.DoubleToUInt64Bits)]);
        fields.End();
    }

    public static FoldSums ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(FoldSums), 2);
        var (counts, sums) = (fields.Words(1, Folds), fields.Words(2, Folds));
        fields.End();
        fields.Check(
            counts.Length == Folds && sums.Length == Folds, $"it has {counts.Length} counts and {sums.Length} sums, expected {Folds}");
        var state = new FoldSums();
        for (var fold = 0; fold < Folds; fold++)
        {
            (state._counts[fold], state._sums[fold]) = ((long)counts[fold], BitConverter.UInt64BitsToDouble(sums[fold]));
            fields.Check(
                counts[fold] <= long.MaxValue / Folds && double.IsFinite(state._sums[fold]),
                $"fold {fold} claims {counts[fold]} rows, sum {state._sums[fold]}");
        }

        return state;
    }
}
