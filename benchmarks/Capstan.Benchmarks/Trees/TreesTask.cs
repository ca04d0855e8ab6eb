using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan.Benchmarks;

/// <summary>Rows for boosted trees of two classes: stored features for us, the same values as a matrix for LightGBM.</summary>
sealed class TreesTask : IDisposable
{
    public const int Trees = 50;
    static readonly Loss Loss = new Loss.Logistic();

    readonly FeatureStore _rows;
    readonly TrainingBatch _test;

    TreesTask(string name, FeatureStore rows, FeatureStore test)
    {
        (Name, _rows, _test) = (name, rows, Copy(test));
        test.Dispose();
        (Matrix, Labels) = MatrixOf(Copy(rows));
        (TestMatrix, _) = MatrixOf(_test);
    }

    public string Name { get; }

    public int RowCount => Labels.Length;

    /// <summary>[rows × width], row-major: numbers, then categories.</summary>
    public float[] Matrix { get; }

    public float[] Labels { get; }

    public float[] TestMatrix { get; }

    public FeatureBuffer TestFeatures => _test.Features;

    public FeatureLayout Layout => _rows.Layout;

    // Bins are chosen by all rows, as the two sides would draw a sample otherwise.
    public static BoostedTreesOptions Options => new() { Trees = Trees, Leaves = 63, Threads = 1, BinningRows = 10_000_000 };

    /// <summary>What <see cref="Options"/> says, in LightGBM's words.</summary>
    public string LightGbmParameters =>
        $"objective=cross_entropy metric=cross_entropy num_leaves={Options.Leaves} learning_rate={Options.LearningRate} " +
        $"bin_construct_sample_cnt={Options.BinningRows} num_threads=1 deterministic=true force_col_wise=true verbosity=-1 seed=1" + (Layout.Categories.Length == 0 ? "" :
            $" categorical_feature={string.Join(',', Enumerable.Range(Layout.Numerics.Length, Layout.Categories.Length))}");

    /// <summary>Normal numbers and a label that depends on some of them.</summary>
    public static TreesTask Numbers(int rowCount, int width)
    {
        var layout = new FeatureLayout(Enumerable.Range(0, width).Select(index => FeatureSpec.Numeric($"x{index}")));
        return new TreesTask($"{rowCount:N0} rows × {width} numbers", Drawn(rowCount, 1), Drawn(50_000, 2));

        FeatureStore Drawn(int count, ulong seed)
        {
            using var writer = new FeatureStoreWriter(layout, FeatureStoreOptions.Default);
            var random = new SeededRandom(seed);
            var batch = new TrainingBatch(layout);
            for (var first = 0; first < count; first += batch.RowCount)
            {
                batch.Resize(Math.Min(8192, count - first));
                batch.Weights.Fill(1);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    for (var index = 0; index < width; index++)
                    {
                        batch.Features.Numeric(index)[row] = (float)random.NextNormal();
                    }

                    float X(int index) => batch.Features.Numeric(index)[row];
                    batch.Labels[row] = X(0) * X(1) + X(2) - MathF.Abs(X(3)) + MathF.Sin(3 * X(4)) + (float)random.NextNormal() > 0 ? 1 : 0;
                }

                writer.Append(batch);
            }

            return writer.Finish();
        }
    }

    /// <summary>The first rows of the flights before June, and some of June to test on.</summary>
    public static TreesTask Flights(IBatchSource flights, int rowCount)
    {
        var graph = new TransformGraph(flights.Schema);
        foreach (var (name, text) in FlightFeatures)
        {
            graph[name] = ExprParser.Parse(text);
        }

        var before = new FilteredSource(flights, ExprParser.Parse("month(date) < 6"));
        var transform = graph.FitAsync(before, null, null, null, default).GetAwaiter().GetResult();
        var train = Store(before, rowCount);
        return new TreesTask(
            $"{train.RowCount:N0} flights × {graph.Features.Count()} features", train,
            Store(new FilteredSource(flights, ExprParser.Parse("month(date) == 6")), 50_000));

        FeatureStore Store(IBatchSource source, int most)
        {
            using var writer = new FeatureStoreWriter(transform.Output, FeatureStoreOptions.Default);
            var rows = new FeatureRows(transform, ExprParser.Parse("delay > 15"), null, Loss, source.Schema);
            var count = 0;
            foreach (var batch in rows.ReadAsync(source, 1, default).ToBlockingEnumerable())
            {
                writer.Append(batch);
                if ((count += batch.RowCount) >= most)
                {
                    break;
                }
            }

            return writer.Finish();
        }
    }

    /// <summary>One of the test rows, alone.</summary>
    public FeatureBuffer TestRow(int row)
    {
        var alone = new FeatureBuffer(Layout);
        alone.Resize(1);
        for (var index = 0; index < Layout.Numerics.Length; index++)
        {
            alone.Numeric(index)[0] = TestFeatures.Numeric(index)[row];
        }

        for (var index = 0; index < Layout.Categories.Length; index++)
        {
            alone.Category(index)[0] = TestFeatures.Category(index)[row];
        }

        return alone;
    }

    /// <summary>The columns of flights as trees like them, minutes by quarters of an hour as in the peer's file.</summary>
    public static IEnumerable<(string Name, string Text)> FlightFeatures =>
    [
        ("distance", "distance"), ("minutes", "floor((hour(date) * 60 + minute(date)) / 15) * 15"), ("weekday", "weekday(date)"),
        ("hour_of_week", "weekday(date) * 24 + hour(date)"),
        ("origin", "vocabulary(origin, max_size: 1000, min_count: 10)"),
        ("destination", "vocabulary(destination, max_size: 1000, min_count: 10)"),
    ];

    /// <summary>Bins the rows and grows the trees.</summary>
    public BoostedTreesPredictor Train() => (BoostedTreesPredictor)new BoostedTreesTraining(TimeProvider.System)
        .Run(Loss, _rows, null, Options, null, default).Predictor;

    /// <summary>The area under the ROC curve on the test rows.</summary>
    public double Auc(ReadOnlySpan<float> scores)
    {
        var evaluator = new BinaryEvaluator();
        evaluator.Add(scores, _test.Labels, _test.Weights);
        return evaluator.Conclude()["auc"] ?? throw new InvalidOperationException("The test rows are of one class.");
    }

    public void Dispose() => _rows.Dispose();

    static TrainingBatch Copy(FeatureStore rows)
    {
        var all = new TrainingBatch(rows.Layout);
        all.Resize((int)rows.RowCount);
        var first = 0;
        foreach (var batch in rows.Rows(8192))
        {
            for (var index = 0; index < rows.Layout.Numerics.Length; index++)
            {
                batch.Features.Numeric(index).CopyTo(all.Features.Numeric(index)[first..]);
            }

            for (var index = 0; index < rows.Layout.Categories.Length; index++)
            {
                batch.Features.Category(index).CopyTo(all.Features.Category(index)[first..]);
            }

            batch.Labels.CopyTo(all.Labels[first..]);
            batch.Weights.CopyTo(all.Weights[first..]);
            first += batch.RowCount;
        }

        return all;
    }

    static (float[] Matrix, float[] Labels) MatrixOf(TrainingBatch rows)
    {
        var layout = rows.Features.Layout;
        var (numerics, width) = (layout.Numerics.Length, layout.Numerics.Length + layout.Categories.Length);
        var matrix = new float[rows.RowCount * width];
        for (var row = 0; row < rows.RowCount; row++)
        {
            for (var index = 0; index < width; index++)
            {
                matrix[row * width + index] = index < numerics
                    ? rows.Features.Numeric(index)[row]
                    : rows.Features.Category(index - numerics)[row];
            }
        }

        return (matrix, rows.Labels.ToArray());
    }
}
