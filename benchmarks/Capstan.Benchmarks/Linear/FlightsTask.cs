using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>The flights pipeline (date parts, vocabularies, crosses) over one source, fitted once, and passes over it.</summary>
sealed class FlightsTask(IBatchSource source, FrozenTransform transform, Expr label)
{
    static Pipeline Pipeline => Pipeline.Parse(
        File.ReadAllText(Path.Combine(Repository.Root(), "samples", "flights", "pipeline.json")));

    public int FeatureCount => transform.Features.Length;

    public static FlightsTask Fit(IBatchSource source)
    {
        var graph = new TransformGraph(source.Schema);
        foreach (var (name, text) in Pipeline.Features)
        {
            graph[name] = ExprParser.Parse(text);
        }

        return new FlightsTask(
            source, graph.FitAsync(source, null, null, null, default).GetAwaiter().GetResult(), ExprParser.Parse(Pipeline.Label));
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

    /// <summary>Learns from the rows before June as a pass does.</summary>
    /// <returns>The area under the ROC curve on June.</returns>
    public double Quality()
    {
        var learner = NewLearner();
        LearnAsync(Where("month(date) < 6"), learner).GetAwaiter().GetResult();
        return AucAsync(learner.Freeze(), Where("month(date) == 6")).GetAwaiter().GetResult();
    }

    async Task<double> AucAsync(IPredictor model, IBatchSource june)
    {
        var (workspace, evaluator, scores) = (model.CreateWorkspace(), new BinaryEvaluator(), Array.Empty<float>());
        await foreach (var batch in new FeatureRows(transform, label, null, new Loss.Logistic(), june.Schema).ReadAsync(june, 1, default))
        {
            Array.Resize(ref scores, Math.Max(scores.Length, batch.RowCount));
            var ranked = scores.AsSpan(0, batch.RowCount);
            model.Predict(batch.Features, ranked, workspace);
            evaluator.Add(ranked, batch.Labels, batch.Weights);
        }

        return evaluator.Conclude()["auc"] ?? throw new InvalidOperationException("June has flights of one kind only.");
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
