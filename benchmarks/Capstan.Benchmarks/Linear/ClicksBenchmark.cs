using Capstan.Models;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// One pass over clicks of 13 numbers and 26 hashed categories from Parquet to a linear model, against Vowpal Wabbit from its text format:
/// both of its usual learners, the better of which sets the area under the ROC curve to reach. Where it is not installed, against
/// the rates and areas that were measured of it on the same kind of data.
/// </summary>
static class ClicksBenchmark
{
    const int Pairs = 3;

    // Per second of CPU time on the reference machine, by adaptive gradient descent.
    const double RecordedRate = 217_000;

    static Pipeline Pipeline => new()
    {
        Label = "click == 1",
        Features = Enumerable.Range(0, ClicksData.Numbers).Select(index => ($"n{index}", $"z_score(log(x{index} + 1))"))
            .Concat(Enumerable.Range(0, ClicksData.Texts).Select(index => ($"c{index}", $"hash(t{index}, buckets: 131072)")))
            .ToDictionary(feature => feature.Item1, feature => feature.Item2),
        Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearClassifier },
    };

    public static BenchmarkReport Run() => new(
        "clicks",
        [
            .. MachineFacts.All(),
            ("Vowpal Wabbit", VowpalWabbit.Program ?? "left out: there is no 'vw' on the path, nor where CAPSTAN_VW says"),
            ("data", $"{ClicksData.Rows:N0} simulated clicks, {ClicksData.Numbers} numbers and {ClicksData.Texts} texts; every tenth to test on"),
        ],
        [.. Rows()]);

    static IEnumerable<BenchmarkRow> Rows()
    {
        var task = LinearTask.Fit(Dataset.Read(ClicksData.Parquet()).OpenAsync().GetAwaiter().GetResult(), Pipeline);
        var auc = task.Quality(ClicksData.Learned, ClicksData.Tested);
        var (labels, chances) = ClicksData.Truth();
        var best = AucOf([.. chances.Select(chance => MathF.Log(chance / (1 - chance)))], labels);
        yield return Part("read only", task.Read);
        yield return Part("read and transform", task.Transform);
        var subject = $"Parquet, {ClicksData.Rows:N0} clicks: read, transform and learn";
        if (VowpalWabbit.Program is not { } program)
        {
            yield return new BenchmarkRow(
                subject, "rows/s", "Vowpal Wabbit, as recorded", [.. Enumerable.Range(0, Pairs).Select(_ => new RatePair(task.Learn(), RecordedRate))], 3,
                FormattableString.Invariant($"AUC {auc:0.0000}; the true chances have {best:0.0000}"));
            yield break;
        }

        var (train, test) = (ClicksData.VowpalWabbitText(false), ClicksData.VowpalWabbitText(true));
        var folder = Directory.CreateTempSubdirectory("capstan-vw-").FullName;
        var model = Path.Combine(folder, "model");
        foreach (var learner in new[] { "", "--ftrl" })
        {
            VowpalWabbit.Learn(program, train, model, learner);
            var theirs = AucOf(VowpalWabbit.Predict(program, test, model), labels);
            RatePair[] pairs =
            [
                .. Enumerable.Range(0, Pairs).Select(_ => new RatePair(
                    task.Learn(), 0.9 * ClicksData.Rows / VowpalWabbit.Learn(program, train, model, learner))),
            ];
            yield return new BenchmarkRow(
                subject, "rows/s", $"Vowpal Wabbit {learner}", pairs, 3,
                FormattableString.Invariant($"AUC {auc:0.0000}, peer {theirs:0.0000}{(auc < theirs ? " LOWER" : "")}; the true chances have {best:0.0000}"));
        }

        Directory.Delete(folder, recursive: true);
    }

    static BenchmarkRow Part(string what, Func<double> rate)
    {
        rate();
        return new BenchmarkRow(
            $"Parquet: {what}", "rows/s", "Vowpal Wabbit's learning, as recorded",
            [.. Enumerable.Range(0, Pairs).Select(_ => new RatePair(rate(), RecordedRate))], 0, "");
    }

    static double AucOf(float[] scores, float[] labels)
    {
        var evaluator = Evaluators.For(ModelOutput.LogOdds);
        float[] ones = [.. labels.Select(_ => 1f)];
        evaluator.Add(scores, labels, ones);
        return evaluator.Conclude()["auc"] ?? throw new InvalidOperationException("The clicks to test on are of one class.");
    }
}
