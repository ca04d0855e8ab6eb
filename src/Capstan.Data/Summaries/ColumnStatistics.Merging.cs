namespace Capstan.Data;

// Joining what was seen of different rows, and cutting it down to what is kept.
public sealed partial class ColumnStatistics
{
    /// <exception cref="ArgumentException">The other statistics are of another type.</exception>
    public ColumnStatistics Merge(ColumnStatistics other)
    {
        // The sketch is the one part that absorbing changes in place.
        var merged = new ColumnStatistics(Type, Numbers, Quantiles?.Merge(new QuantileSketch()), Values, Distinct, Lengths)
        {
            Count = Count,
            MissingCount = MissingCount,
            ZeroCount = ZeroCount,
            TrueCount = TrueCount,
            _earliest = _earliest,
            _latest = _latest,
        };
        merged.Absorb(other);
        return merged;
    }

    /// <summary>As <see cref="Merge"/>, in place and without what merging quantiles leaves to the collector.</summary>
    /// <exception cref="ArgumentException">The other statistics are of another type.</exception>
    public void Absorb(ColumnStatistics other)
    {
        if (other.Type != Type)
        {
            throw new ArgumentException(
                $"Statistics of a {other.Type} column don't merge with those of a {Type} column.", nameof(other));
        }

        if (Quantiles is not null && other.Quantiles is { } quantiles)
        {
            Quantiles.Absorb(quantiles);
        }
        else
        {
            Quantiles = null;
        }

        (Numbers, Values) = (Join(Numbers, other.Numbers), Join(Values, other.Values));
        (Distinct, Lengths) = (Join(Distinct, other.Distinct), Join(Lengths, other.Lengths));
        (Count, MissingCount) = (Count + other.Count, MissingCount + other.MissingCount);
        (ZeroCount, TrueCount) = (ZeroCount + other.ZeroCount, TrueCount + other.TrueCount);
        (_earliest, _latest) = (Math.Min(_earliest, other._earliest), Math.Max(_latest, other._latest));
    }

    /// <summary>
    /// The same statistics with only the most frequent text values and quantiles within 0.5 % of the rank: what an artifact
    /// keeps.
    /// </summary>
    public ColumnStatistics KeepValues(int limit)
    {
        // Merging with nothing copies the parts, so that observing into one does not change the other.
        var copy = Merge(new ColumnStatistics(Type));
        return new ColumnStatistics(
            Type, copy.Numbers, copy.Quantiles?.Coarsen(KeptRankError), copy.Values?.Keep(limit), copy.Distinct, copy.Lengths)
        {
            Count = Count,
            MissingCount = MissingCount,
            ZeroCount = ZeroCount,
            TrueCount = TrueCount,
            _earliest = _earliest,
            _latest = _latest,
        };
    }

    static T? Join<T>(T? left, T? right)
        where T : class, IMergeable<T> => left is null || right is null ? null : left.Merge(right);
}
