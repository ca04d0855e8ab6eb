using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>A pipeline of a linear model over one source, fitted once, and passes over it.</summary>
sealed class LinearTask(IBatchSource source, FrozenTransform transform, Expr label)
{
    public int FeatureCount => transform.Features.Length;

    /// <param name="pipeline">Its features and its label are taken.</param>
    public static LinearTask Fit(IBatchSource source, Pipeline pipeline)
    {
        var graph = new TransformGraph(source.Schema);
        foreach (var (name, text) in pipeline.Features)
        {
            graph[name] = ExprParser.Parse(text);
        }

        return new LinearTask(
            source, graph.FitAsync(source, null, null, null, default).GetAwaiter().GetResult(), ExprParser.Parse(pipeline.Label));
    }

    /// <returns>Rows per second of CPU time, read and dropped.</returns>
    public double Read() => Rate(async () =>
    {
        var rows = 0L;
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], default))
        {
            rows += batch.RowCount;
        }

        return rows;
    });

    /// <returns>Rows per second of CPU time, read and transformed.</returns>
    public double Transform() => Rate(() => LearnAsync(source, null));

    /// <returns>Rows per second of CPU time, read, transformed and learned from once.</returns>
    public double Learn() => Rate(() => LearnAsync(source, NewLearner()));

    /// <summary>Learns from some rows as a pass does.</summary>
    /// <returns>The area under the ROC curve on others.</returns>
    public double Quality(string learned, string tested)
    {
        var learner = NewLearner();
        LearnAsync(Where(learned), learner).GetAwaiter().GetResult();
        return AucAsync(learner.Freeze(), Where(tested)).GetAwaiter().GetResult();
    }

    async Task<double> AucAsync(IPredictor model, IBatchSource rows)
    {
        var (workspace, evaluator, scores) = (model.CreateWorkspace(), new BinaryEvaluator(), Array.Empty<float>());
        await foreach (var batch in new FeatureRows(transform, label, null, new Loss.Logistic(), rows.Schema).ReadAsync(rows, 1, default))
        {
            Array.Resize(ref scores, Math.Max(scores.Length, batch.RowCount));
            var ranked = scores.AsSpan(0, batch.RowCount);
            model.Predict(batch.Features, ranked, workspace);
            evaluator.Add(ranked, batch.Labels, batch.Weights);
        }

        return evaluator.Conclude()["auc"] ?? throw new InvalidOperationException("The rows to test on are of one class.");
    }

    async Task<long> LearnAsync(IBatchSource rows, FtrlLearner? learner)
    {
        var count = 0L;
        await foreach (var batch in new FeatureRows(transform, label, null, new Loss.Logistic(), rows.Schema).ReadAsync(rows, 1, default))
        {
            count += batch.RowCount;
            learner?.Learn(batch);
        }

        return count;
    }

    FtrlLearner NewLearner() => new(
        new Loss.Logistic(), transform.Output, new LabelMoments(100, 100, 0.2, 16), LinearOptions.Default);

    FilteredSource Where(string condition) => new(source, ExprParser.Parse(condition));

    static double Rate(Func<Task<long>> pass)
    {
        var start = Environment.CpuUsage.TotalTime;
        var rows = pass().GetAwaiter().GetResult();
        return rows / (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
