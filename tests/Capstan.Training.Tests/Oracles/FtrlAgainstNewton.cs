using Capstan.Models;
using Capstan.Training.Tests.Linear;

namespace Capstan.Training.Tests.Oracles;

/// <summary>
/// The optimum of a linear model by other means: Newton's method in double precision, whose one step solves least squares
/// exactly.
/// </summary>
public sealed class FtrlAgainstNewton
{
    const int Numerics = 4;
    const int Categories = 6;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(false, 3)]
    public void Some_epochs_come_within_half_a_percent_of_the_lowest_loss_there_is(bool classifies, int seed)
    {
        Loss loss = classifies ? new Loss.Logistic() : new Loss.Squared();
        var rows = RandomProblem(loss, seed);
        using var store = ExampleRows.Store(rows);
        var learner = new FtrlLearner(loss, store.Layout, store.Labels, LinearOptions.Default);
        var result = new TrainingLoop(TimeProvider.System).Run(
            learner, store, null, new TrainingOptions { Epochs = 20, Seed = (ulong)seed }, null, CancellationToken.None);

        var optimum = Newton(loss, rows);
        var bestScores = Enumerable.Range(0, rows.RowCount).Select(row => (float)Dot(Active(rows, row), optimum));
        var lowest = MeanLoss(loss, rows, bestScores);
        var baseline = MeanLoss(loss, rows, ConstantModel.Of(loss.Output, store.Layout, store.Labels).Predict(rows));
        var found = MeanLoss(loss, rows, result.Predictor.Predict(rows));
        Assert.True(baseline > 1.2 * lowest, $"the problem must be worth learning: baseline {baseline}, optimum {lowest}");
        Assert.InRange(found, lowest * (1 - 1e-6), lowest * 1.005);

        // Weights of numeric features are comparable one by one; those of categories share a constant with the bias.
        var weights = Assert.IsType<LinearPredictor>(result.Predictor).NumericWeights;
        var unit = loss is Loss.Squared ? store.Labels.StandardDeviation : 1;
        for (var index = 0; index < Numerics; index++)
        {
            Assert.Equal(optimum[1 + index], weights[index], 0.1 * unit);
        }
    }

    static TrainingBatch RandomProblem(Loss loss, int seed)
    {
        var random = new Random(seed);
        var rows = ExampleRows.Random(ExampleRows.Layout(Numerics, Categories), 8000, random, weight: row => 1 + row % 2);
        var truth = Enumerable.Range(0, 1 + Numerics + Categories).Select(_ => ExampleRows.Normal(random)).ToArray();
        for (var row = 0; row < rows.RowCount; row++)
        {
            var score = Dot(Active(rows, row), truth);
            rows.Labels[row] = loss is Loss.Squared
                ? (float)(50 + 20 * (score + ExampleRows.Normal(random)))
                : random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1f : 0f;
        }

        return rows;
    }

    /// <summary>A row as a dense vector: 1, the numbers, one-hot categories.</summary>
    static double[] Active(TrainingBatch rows, int row)
    {
        var x = new double[1 + Numerics + Categories];
        x[0] = 1;
        for (var index = 0; index < Numerics; index++)
        {
            x[1 + index] = rows.Features.Numeric(index)[row];
        }

        x[1 + Numerics + rows.Features.Category(0)[row]] = 1;
        return x;
    }

    static double[] Newton(Loss loss, TrainingBatch rows)
    {
        var width = 1 + Numerics + Categories;
        var weights = new double[width];
        for (var step = 0; step < 12; step++)
        {
            var gradient = new double[width];
            var hessian = new double[width, width];
            for (var row = 0; row < rows.RowCount; row++)
            {
                var x = Active(rows, row);
                var score = Dot(x, weights);
                var p = 1 / (1 + Math.Exp(-score));
                var (slope, curvature) = loss is Loss.Squared
                    ? (score - rows.Labels[row], 1)
                    : (p - rows.Labels[row], p * (1 - p));
                for (var i = 0; i < width; i++)
                {
                    gradient[i] += rows.Weights[row] * slope * x[i];
                    for (var j = 0; j < width; j++)
                    {
                        hessian[i, j] += rows.Weights[row] * curvature * x[i] * x[j];
                    }
                }
            }

            // The bias is the sum of the one-hot columns; a trace of ridge chooses one of the equal optima.
            for (var i = 0; i < width; i++)
            {
                hessian[i, i] += 1e-3;
                gradient[i] += 1e-3 * weights[i];
            }

            var move = Solve(hessian, gradient);
            weights = [.. weights.Zip(move, (weight, by) => weight - by)];
        }

        return weights;
    }

    /// <summary>Gaussian elimination; the matrix is positive definite, so no pivot is needed.</summary>
    static double[] Solve(double[,] matrix, double[] right)
    {
        var width = right.Length;
        for (var pivot = 0; pivot < width; pivot++)
        {
            for (var row = 0; row < width; row++)
            {
                if (row == pivot)
                {
                    continue;
                }

                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                right[row] -= factor * right[pivot];
                for (var column = pivot; column < width; column++)
                {
                    matrix[row, column] -= factor * matrix[pivot, column];
                }
            }
        }

        return [.. right.Select((value, row) => value / matrix[row, row])];
    }

    static double MeanLoss(Loss loss, TrainingBatch rows, IEnumerable<float> scores)
    {
        var weights = rows.Weights.ToArray();
        var labels = rows.Labels.ToArray();
        return scores.Select((score, row) => weights[row] * loss.Of([score], labels[row])).Sum() / weights.Sum();
    }

    static double Dot(double[] x, double[] weights) => x.Zip(weights, (one, other) => one * other).Sum();
}
