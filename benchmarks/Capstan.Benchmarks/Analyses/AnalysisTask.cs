using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>Our side: fits z-scores, buckets and vocabularies in one pass, then computes all features of all rows and adds them up.</summary>
sealed class AnalysisTask(string path, int threads)
{
    public static TransformGraph Graph(Schema schema, int threads)
    {
        var graph = new TransformGraph(schema) { Threads = threads };
        foreach (var (name, text) in Features())
        {
            graph[name] = ExprParser.Parse(text);
        }

        return graph;
    }

    public static IEnumerable<(string Name, string Text)> Features() =>
    [
        .. AnalysisData.Numbers.Select(name => ($"{name}_scaled", $"z_score({name})")),
        .. AnalysisData.Integers.Select(name => ($"{name}_bucket", $"bucketize({name}, 32)")),
        .. AnalysisData.Texts.Select(name => ($"{name}_term", $"vocabulary({name}, max_size: 1000)")),
    ];

    public IBatchSource Open() => Dataset.Read(path).OpenAsync().GetAwaiter().GetResult();

    public FrozenTransform Fit(IBatchSource source, AnalysisFolder? kept = null) =>
        Graph(source.Schema, threads).FitAsync(source, null, kept, null, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Per feature in the layout's order, the sum over all rows; of categories, of their numbers.</summary>
    public double[] Sums(IBatchSource source, FrozenTransform transform)
    {
        using var pass = new ParallelPass(source, threads, null);
        var layout = transform.Output;
        var width = layout.Numerics.Length + layout.Categories.Length;
        return pass.RunAsync<double[]>(
            () => new double[width],
            (span, token) => pass.ReadAsync<double[]>(span, [.. transform.Input.Names], () => Begin(transform, width), Add, token),
            Add, CancellationToken.None).GetAwaiter().GetResult();
    }

    static (double[], Action<ColumnBatch>) Begin(FrozenTransform transform, int width)
    {
        var (sums, features, workspace) = (new double[width], new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        return (sums, batch =>
        {
            transform.Apply(batch, features, workspace);
            var numerics = transform.Output.Numerics.Length;
            for (var index = 0; index < width; index++)
            {
                var sum = 0.0;
                if (index < numerics)
                {
                    foreach (var value in features.Numeric(index))
                    {
                        sum += value;
                    }
                }
                else
                {
                    foreach (var category in features.Category(index - numerics))
                    {
                        sum += category;
                    }
                }

                sums[index] += sum;
            }
        });
    }

    static double[] Add(double[] left, double[] right) => [.. left.Zip(right, (mine, theirs) => mine + theirs)];
}
