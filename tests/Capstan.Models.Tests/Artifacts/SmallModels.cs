using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models.Tests.Trees;

namespace Capstan.Models.Tests.Artifacts;

/// <summary>Small whole models made by hand, with every kind of feature and column.</summary>
static class SmallModels
{
    static readonly Schema Schema = new(
    [
        new("fare", DataType.Float64), new("riders", DataType.Int64), new("vendor", DataType.Text), new("night", DataType.Boolean),
        new("pickup", DataType.Timestamp), new("late", DataType.Boolean), new("note", DataType.Float64),
    ]);

    static readonly (string Name, string Text)[] Features =
    [
        ("fare_scaled", "(fare - 7.5) / 2.25"), ("minutes", "hour(pickup) * 60 + minute(pickup)"), ("night", "night"),
        ("fare_bucket", "bucketize(fare, [5, 10, 20])"), ("vendor", "vocabulary(vendor, ['Acme', 'Köln'], unknown_buckets: 2)"),
        ("riders", "hash(riders, 5)"), ("both", "cross(vendor, bucketize(fare, [7]), 6)"),
    ];

    public static ModelArtifact Linear(int seed = 1)
    {
        var transform = Transform();
        var random = new Random(seed);
        var predictor = new LinearPredictor(
            ModelOutput.LogOdds, transform.Output, 0.25f, Weights(random, transform.Output.Numerics.Length),
            Weights(random, (int)transform.Output.CategoryOffsets[^1]));
        return Make(transform, predictor, new LabelDefinition(ExprParser.Parse("late"), new ClassNames("false", "true", DataType.Boolean)));
    }

    /// <param name="calibration">Null for a map of knots.</param>
    public static ModelArtifact Calibrated(int seed = 1, ScoreCalibration? calibration = null)
    {
        var linear = Linear(seed);
        calibration ??= new ScoreCalibration.Isotonic([-400f, -50f, 0.25f, 20f, 500f], [-3f, -0.75f, -0.75f, 0.5f, 1.25f]);
        return Make(linear.Transform, new CalibratedPredictor(linear.Predictor, calibration), linear.Label);
    }

    public static ModelArtifact Dnn(int seed = 1)
    {
        var transform = Transform();
        var shape = new DnnShape(transform.Output, [2, 3, 1, 2], [4, 3], Activation.Relu);
        var predictor = new DnnPredictor(ModelOutput.Value, shape, Weights(new Random(seed), shape.ParameterCount), new LabelScaling(12.5f, 3f));
        return Make(transform, predictor, new LabelDefinition(ExprParser.Parse("fare * 1.1 + note"), null));
    }

    public static ModelArtifact Normalized(int seed = 1)
    {
        var transform = Transform();
        var shape = new DnnShape(transform.Output, [2, 3, 1, 2], [4, 3], Activation.Tanh, normalization: Normalization.Layer);
        var predictor = new DnnPredictor(ModelOutput.LogOdds, shape, Weights(new Random(seed), shape.ParameterCount), LabelScaling.Identity);
        return Make(transform, predictor, new LabelDefinition(ExprParser.Parse("late"), new ClassNames("false", "true", DataType.Boolean)));
    }

    public static ModelArtifact WideDeep(int seed = 1)
    {
        var deep = (DnnPredictor)Dnn(seed).Predictor;
        var (transform, random) = (Transform(), new Random(seed + 100));
        var wide = new LinearPredictor(
            deep.Output, transform.Output, 0f, Weights(random, transform.Output.Numerics.Length),
            Weights(random, (int)transform.Output.CategoryOffsets[^1]));
        return Make(transform, new WideDeepPredictor(wide, deep), new LabelDefinition(ExprParser.Parse("fare * 1.1 + note"), null));
    }

    /// <summary>Which of three vendors: linear scores, or a network's.</summary>
    public static ModelArtifact Classes(int seed = 1, bool network = false)
    {
        var transform = Transform();
        var random = new Random(seed);
        var output = ModelOutput.Classes(3);
        var shape = new DnnShape(transform.Output, [2, 0, 1, 2], [4, 3], Activation.Relu, output.Width);
        IPredictor predictor = network
            ? new DnnPredictor(output, shape, Weights(random, shape.ParameterCount), LabelScaling.Identity)
            : new LinearPredictor(
                output, transform.Output, Weights(random, 3), Weights(random, transform.Output.Numerics.Length * 3),
                Weights(random, (int)transform.Output.CategoryOffsets[^1] * 3));
        return Make(transform, predictor, VendorLabel);
    }

    /// <summary>A few random trees and one that is a single leaf, on numbers and categories: of a number, or of three vendors.</summary>
    public static ModelArtifact Trees(int seed = 1, int classes = 1, int? offset = null)
    {
        var transform = Transform();
        var output = classes == 1 ? ModelOutput.Value : ModelOutput.Classes(classes);
        var predictor = new BoostedTreesPredictor(output, RandomTrees.Of(transform.Output, 5, 5, new Random(seed)), offset);
        return Make(transform, predictor, classes == 1 ? new LabelDefinition(ExprParser.Parse("fare"), null) : VendorLabel);
    }

    /// <summary>The same trees, where the least numbers stand for missing ones and every split sends these right.</summary>
    public static ModelArtifact TreesOfMissing(int seed)
    {
        var (plain, features) = (Trees(seed), new FeatureBuffer(Transform().Output));
        plain.Transform.Apply(Rows(500), features, plain.Transform.CreateWorkspace());
        var trees = ((BoostedTreesPredictor)plain.Predictor).Trees;
        var numerics = features.Layout.Numerics.Length;
        var missable = new TreeEnsemble(
            features.Layout, trees.SplitCounts, [.. trees.Nodes.Select(node => node.Asked < numerics ? node.WithMissingRight() : node)], trees.Gains,
            trees.CategorySets, trees.LeafValues, trees.LeafCovers, [.. Enumerable.Range(0, numerics).Select(index => features.Numeric(index).ToArray().Min())]);
        return Make(plain.Transform, new BoostedTreesPredictor(ModelOutput.Value, missable), plain.Label);
    }

    public static ColumnBatch Rows(int count)
    {
        var random = new Random(8);
        var builder = new BatchBuilder(Schema);
        string[] vendors = ["Acme", "Köln", "", "日本"];
        for (var row = 0; row < count; row++)
        {
            builder.Columns[0].Append(row % 5 == 4 ? double.NaN : random.NextDouble() * 25);
            builder.Columns[1].Append(random.NextInt64(-2, 9));
            builder.Columns[2].Append(vendors[row % 4]);
            builder.Columns[3].Append(row % 2 == 0);
            builder.Columns[4].Append(Timestamps.FromDateTime(new DateTime(2001, 6, 1).AddMinutes(random.Next(100_000))));
            builder.Columns[5].Append(row % 3 == 0);
            builder.Columns[6].AppendMissing();
        }

        return builder.Batch;
    }

    /// <summary>Files of an artifact with checksums that fit them, whatever they hold.</summary>
    public static void WriteFiles(string folder, IReadOnlyDictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }

        File.WriteAllText(Path.Combine(folder, "SHA256SUMS"), string.Concat(ArtifactSection.FileNames.Add("lineage.json")
            .Where(files.ContainsKey).Select(name => new ArtifactSection(name, [], ContentHash.Of(files[name])).ChecksumLine)));
    }

    public static string Golden(string name, [CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "Golden", name));

    static LabelDefinition VendorLabel => new(
        ExprParser.Parse("pick(vocabulary(vendor, ['Acme', 'Köln', '']), [0, 1, 2, -1, -1])"),
        new ClassNames(["Acme", "Köln", ""], DataType.Text));

    static FrozenTransform Transform() => new(Schema, [.. Features.Select(feature => (feature.Name, ExprParser.Parse(feature.Text)))]);

    static ModelArtifact Make(FrozenTransform transform, IPredictor predictor, LabelDefinition label)
    {
        var rows = Rows(12);
        // The statistics of text columns carry sketches of some kilobytes; one is enough, and the byte by byte test is long as it is.
        var statistics = new TableStatistics(Schema.Select(["fare", "night"]));
        statistics.Observe(new ColumnBatch(statistics.Schema, [rows["fare"], rows["night"]]));
        var inputs = new ColumnBatch(transform.Input, [.. transform.Input.Names.Select(name => rows[name])]);
        var predictions = new float[rows.RowCount * predictor.Output.Width];
        new ModelScorer(transform, predictor).Score(inputs, predictions);
        return new ModelArtifact(transform, predictor, label, Schema, statistics, new GoldenRows(inputs, [.. predictions]), new Lineage
        {
            Data = ["trips.csv"], DataFingerprint = "by hand", Pipeline = JsonDocument.Parse("""{ "label": "late" }""").RootElement, Seed = 1,
            CapstanVersion = "0.1.0", TrainingRows = 12, ValidationRows = 0, RowsWithoutLabel = 0, EpochsRun = 1, StopReason = "made by hand",
            Metrics = new Dictionary<string, double> { ["auc"] = 0.75 }, CreatedAt = DateTimeOffset.UnixEpoch, TrainingTime = TimeSpan.FromSeconds(2),
        });
    }

    static ImmutableArray<float> Weights(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
}

/// <summary>A folder that is gone after the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("capstan-artifacts-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
