using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;

namespace Capstan.Benchmarks.Peers;

/// <summary>
/// From a CSV of flights to boosted trees of two classes by ML.NET's LightGBM trainer: one-hot origins and destinations, which it is
/// told to take for categories, and numbers.
/// </summary>
/// <remarks>The parts of the date come ready in the file, because ML.NET has no transforms for dates.</remarks>
static class TreesPeer
{
    /// <param name="words">Trees, leaves, learning rate, the file to learn from, and that to test on.</param>
    /// <returns>CPU seconds of the process, and the area under the ROC curve on the test file.</returns>
    public static double[] Train(string[] words)
    {
        var context = new MLContext(seed: 1);
        var start = Environment.CpuUsage.TotalTime;
        var model = Pipeline(
            context, int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture),
            double.Parse(words[2], CultureInfo.InvariantCulture)).Fit(Load(context, words[3]));
        var seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        var metrics = context.BinaryClassification.Evaluate(model.Transform(Load(context, words[4])), "late");
        return [seconds, metrics.AreaUnderRocCurve];
    }

    static IEstimator<ITransformer> Pipeline(MLContext context, int trees, int leaves, double rate)
    {
        var trainer = context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            LabelColumnName = "late",
            NumberOfIterations = trees,
            NumberOfLeaves = leaves,
            LearningRate = rate,
            NumberOfThreads = 1,
            MinimumExampleCountPerLeaf = 20,
            UseCategoricalSplit = true,
            Silent = true,
        });
        return context.Transforms.Categorical.OneHotEncoding(
                [new InputOutputColumnPair("from", "origin"), new InputOutputColumnPair("to", "destination")], maximumNumberOfKeys: 1000)
            .Append(context.Transforms.Concatenate("Features", "distance", "minutes", "weekday", "hour_of_week", "from", "to"))
            .Append(trainer);
    }

    static IDataView Load(MLContext context, string path) => context.Transforms
        .Expression("minutes", "(quarter) => quarter * 15f", "quarter")
        .Append(context.Transforms.Expression("hour_of_week", "(weekday, hour) => weekday * 24f + hour", "weekday", "hour"))
        .Fit(Csv(context, path)).Transform(Csv(context, path));

    static IDataView Csv(MLContext context, string path) => context.Data.LoadFromTextFile(path, new TextLoader.Options
    {
        HasHeader = true,
        Separators = [','],
        Columns =
        [
            new("late", DataKind.Boolean, 0),
            new("hour", DataKind.Single, 2),
            new("weekday", DataKind.Single, 3),
            new("quarter", DataKind.Single, 4),
            new("distance", DataKind.Single, 5),
            new("origin", DataKind.String, 6),
            new("destination", DataKind.String, 7),
        ],
    });
}
