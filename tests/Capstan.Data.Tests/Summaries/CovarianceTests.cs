namespace Capstan.Data.Tests.Summaries;

public sealed class CovarianceTests
{
    [Fact]
    public void Means_and_covariances_are_those_of_the_definition()
    {
        double[][] rows = [[1, 2, 10], [2, 4, 9], [4, 3, 2], [5, 9, -1]];
        var covariance = Of(rows);
        for (var left = 0; left < 3; left++)
        {
            Assert.Equal(rows.Average(row => row[left]), covariance.Means[left], 1e-12);
            for (var right = 0; right < 3; right++)
            {
                var expected = rows.Average(row => (row[left] - rows.Average(each => each[left])) * (row[right] - rows.Average(each => each[right])));
                Assert.Equal(expected, covariance[left, right], 1e-12);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merging_any_split_equals_one_pass_commutes_and_bytes_return(int seed)
    {
        var random = new Random(seed);
        double[][] rows = [.. Enumerable.Range(0, 200).Select(_ => (double[])[random.NextDouble() + 1e3, random.NextDouble() * 5, random.Next(3)])];
        var cut = random.Next(rows.Length);
        var (left, right, whole) = (Of(rows[..cut]), Of(rows[cut..]), Of(rows));
        var merged = left.Merge(right);
        Assert.Equal(merged.ToBytes(), right.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), left.Merge(Covariance.Empty).ToBytes());
        Assert.Equal(left.ToBytes(), Covariance.Empty.Merge(left).ToBytes());
        Assert.Equal(left.ToBytes(), StoredState.FromBytes<Covariance>(left.ToBytes()).ToBytes());
        for (var index = 0; index < 9; index++)
        {
            Assert.Equal(whole[index / 3, index % 3], merged[index / 3, index % 3], 1e-9);
        }
    }

    [Fact]
    public void Rows_with_a_number_missing_or_beyond_reason_are_not_observed()
    {
        var covariance = Of([[1, 1], [double.NaN, 5], [5, double.PositiveInfinity], [1e141, 0], [3, 3]]);
        Assert.Equal((2, 1.0), (covariance.Count, covariance[0, 1]));
        Assert.True(double.IsFinite(Of([[1e140, -1e140], [-1e140, 1e140]])[0, 0]));
    }

    [Fact]
    public void Rows_of_another_width_and_damaged_bytes_are_refused()
    {
        var covariance = Of([[1, 2], [3, 5]]);
        Assert.Throws<ArgumentException>(() => covariance.Observe([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => new Covariance().Observe(new double[Covariance.MaxWidth + 1]));
        var bytes = covariance.ToBytes();
        var random = new Random(5);
        for (var repeat = 0; repeat < 500; repeat++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.NotEqual(bytes, StoredState.FromBytes<Covariance>(damaged).ToBytes());
            }
            catch (CorruptStateException)
            {
            }
        }
    }

    static Covariance Of(double[][] rows)
    {
        var covariance = new Covariance();
        foreach (var row in rows)
        {
            covariance.Observe(row);
        }

        return covariance;
    }
}
