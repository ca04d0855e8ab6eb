namespace Capstan.Training.Tests.Evaluation;

public sealed class RowSampleTests
{
    [Fact]
    public void All_rows_are_kept_in_their_order_while_they_are_few()
    {
        var sample = SampleOf(100, 100);
        Assert.Equal(Enumerable.Range(0, 100).Select(row => (float)row), sample.Column(0));
        Assert.Equal(Enumerable.Range(0, 100).Select(row => 2f * row), sample.Column(1));
    }

    [Fact]
    public void Of_more_rows_a_uniform_sample_is_kept()
    {
        var sample = SampleOf(100_000, 1000);
        Assert.Equal(100_000, sample.Seen);
        Assert.InRange(sample.Count, 450, 1000);
        var rows = sample.Column(0);
        Assert.Equal(rows.Select(row => 2 * row), sample.Column(1));
        Assert.Equal(rows.Distinct().Order(), rows);

        // Four and a half standard errors of the mean of uniform numbers.
        var margin = 4.5 * 28_868 / Math.Sqrt(sample.Count);
        Assert.InRange(rows.Average(), 50_000 - margin, 50_000 + margin);
    }

    [Fact]
    public void A_row_of_another_width_is_refused() =>
        Assert.Contains("3 numbers, expected 2", Assert.Throws<ArgumentException>(() => new RowSample(2, 5).Add([1, 2, 3])).Message);

    static RowSample SampleOf(int rows, int most)
    {
        var sample = new RowSample(2, most);
        for (var row = 0; row < rows; row++)
        {
            sample.Add([row, 2 * row]);
        }

        return sample;
    }
}
