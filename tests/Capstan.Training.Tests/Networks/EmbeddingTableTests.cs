using Capstan.Data;

namespace Capstan.Training.Tests.Networks;

public sealed class EmbeddingTableTests
{
    [Fact]
    public void Gradients_of_one_category_add_up_and_the_next_batch_starts_anew()
    {
        var table = Table();
        table.Begin(3);
        table.AddGradients([4, 1, 4], Gradients(1, 2, 10, 20, 100, 200), 0, 0);
        Assert.Equal([101, 202], table.GradientOf(4).ToArray());
        Assert.Equal([10, 20], table.GradientOf(1).ToArray());
        Assert.Empty(table.GradientOf(0).ToArray());
        Assert.Equal(4, table.Gradients.Length);

        table.Begin(1);
        Assert.Empty(table.GradientOf(4).ToArray());
        table.AddGradients([0], Gradients(7, 8), 0, 0);
        Assert.Equal([7, 8], table.Gradients.ToArray());
    }

    [Fact]
    public void More_rows_than_categories_fit()
    {
        var table = Table();
        table.Begin(1_000);
        table.AddGradients(
            Enumerable.Range(0, 1_000).Select(row => row % 5).ToArray(), Gradients(Enumerable.Repeat(1f, 2_000).ToArray()), 0, 0);
        Assert.All(table.Gradients.ToArray(), sum => Assert.Equal(200, sum));
    }

    [Fact]
    public void A_larger_batch_after_a_smaller_one_fits()
    {
        var table = Table();
        table.Begin(1);
        table.AddGradients([3], Gradients(1, 1), 0, 0);
        table.Begin(4);
        table.AddGradients([0, 1, 2, 3], Gradients(1, 1, 2, 2, 3, 3, 4, 4), 0, 0);
        Assert.Equal([4, 4], table.GradientOf(3).ToArray());
    }

    static EmbeddingTable Table() => new(5, 2, 0, Optimizer.Create(new DnnOptions(), 10));

    static MatrixSpan Gradients(params float[] values) => MatrixSpan.RowMajor(values, values.Length / 2, 2, 2);
}
