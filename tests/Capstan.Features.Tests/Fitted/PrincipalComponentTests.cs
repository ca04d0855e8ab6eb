using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class PrincipalComponentTests
{
    [Fact]
    public void Eigenpairs_of_a_known_matrix_descend_and_have_their_sign()
    {
        // [[2, 1], [1, 2]]: 3 along (1, 1) / √2, 1 along (1, −1) / √2.
        var pairs = SymmetricEigen.Of(new double[,] { { 2, 1 }, { 0, 2 } });
        Assert.Equal([3.0, 1.0], pairs.Select(pair => pair.Value), (left, right) => Math.Abs(left - right) < 1e-14);
        Assert.All(pairs[0].Vector, number => Assert.Equal(Math.Sqrt(0.5), number, 1e-14));
        Assert.Equal(0, pairs[1].Vector.Sum(), 1e-14);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(40)]
    public void Vectors_are_orthonormal_and_give_the_matrix_back(int size)
    {
        var random = new Random(size);
        var matrix = new double[size, size];
        for (var row = 0; row < size; row++)
        {
            for (var column = row; column < size; column++)
            {
                matrix[row, column] = matrix[column, row] = random.NextDouble() * 2 - 1;
            }
        }

        var pairs = SymmetricEigen.Of(matrix);
        Assert.Equal(pairs.Select(pair => pair.Value).OrderDescending(), pairs.Select(pair => pair.Value));
        for (var row = 0; row < size; row++)
        {
            Assert.True(pairs[row].Vector.MaxBy(Math.Abs) > 0);
            for (var column = 0; column < size; column++)
            {
                Assert.Equal(row == column ? 1 : 0, pairs[row].Vector.Zip(pairs[column].Vector, (x, y) => x * y).Sum(), 1e-12);
                Assert.Equal(matrix[row, column], pairs.Sum(pair => pair.Value * pair.Vector[row] * pair.Vector[column]), 1e-12);
            }
        }
    }

    [Fact]
    public async Task Components_are_uncorrelated_and_vary_as_the_known_covariance_says()
    {
        // x = 3a + b, y = 3a − b of independent a, b with deviation 1: axes (1, 1) / √2 with variance 18, (1, −1) / √2 with 2.
        var random = new Random(1);
        var rows = Enumerable.Range(0, 4000).Select(_ => (A: Sign(random), B: Sign(random))).ToArray();
        var batch = Of(Numbers("x", [.. rows.Select(row => (object?)(5 + 3 * row.A + row.B))]), Numbers("y", [.. rows.Select(row => (object?)(3 * row.A - row.B))]));
        var (first, second) = (await Values("pca(x, y, component: 0)", batch), await Values("pca(x, y, component: 1)", batch));
        Assert.Equal(18, first.Average(value => value * value), 0.1);
        Assert.Equal(2, second.Average(value => value * value), 0.1);
        Assert.Equal(0, first.Average(), 1e-5);
        Assert.Equal(0, first.Zip(second, (x, y) => x * y).Average(), 1e-4);
        // Nothing is lost: the lengths of centred rows stay.
        Assert.Equal(first.Zip(second, (x, y) => x * x + y * y), rows.Select(row => Length(row.A, row.B, rows)), (left, right) => Math.Abs(left - right) < 1e-3);
    }

    [Fact]
    public async Task Rows_with_a_missing_operand_do_not_count_and_have_no_component()
    {
        var transform = await Fit("pca(x, y, component: 0)", Of(Numbers("x", 0, 1, 2, null, 1000), Numbers("y", 0, 1, 2, 99, null)));
        Assert.Equal([-(float)Math.Sqrt(2), 0f, 0f], Apply(transform, Of(Numbers("x", 0, 1, null), Numbers("y", 0, 1, 5))));
        Assert.Equal([0f], Apply(await Fit("pca(x, y, component: 1)", Of(Numbers("x"), Numbers("y"))), Of(Numbers("x", 3), Numbers("y", 4))));
    }

    [Theory]
    [InlineData("pca(x, component: 0)", "pca takes 2 or more arguments")]
    [InlineData("pca(x, y)", "pca needs the option 'component'")]
    [InlineData("pca(x, y, component: 2)", "component is 2, expected 0 to 1")]
    [InlineData("pca(x, y, component: 0.5)", "component is 0.5, expected a whole number")]
    public void What_has_no_such_component_is_refused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text)).Message);

    static async Task<double[]> Values(string expression, ColumnBatch rows) => [.. (await FitAndApply(expression, rows)).Select(value => (double)(float)value)];

    static double Length(double a, double b, (double A, double B)[] rows)
    {
        var (x, y) = (3 * (a - rows.Average(row => row.A)), b - rows.Average(row => row.B));
        return 2 * x * x + 2 * y * y;
    }

    static double Sign(Random random) => random.Next(2) * 2 - 1;
}
