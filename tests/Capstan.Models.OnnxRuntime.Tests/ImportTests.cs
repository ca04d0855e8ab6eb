using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using static Capstan.Models.OnnxRuntime.Tests.OnnxWriter;

namespace Capstan.Models.OnnxRuntime.Tests;

public sealed record Flower(double Length, double Width, string? Color, string Species);

/// <summary>Whole models of imported files: by themselves and behind features, saved, loaded, evaluated, explained.</summary>
public sealed class ImportTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Flower[] Flowers = Make(200);

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static Flower[] Make(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (length, width) = (Math.Round(random.NextDouble() * 6, 2), Math.Round(random.NextDouble() * 3, 2));
            return new Flower(length, width, random.Next(3) switch { 0 => "red", 1 => "blue", _ => null }, length + width > 5 ? "tall" : "short");
        })];
    }

    /// <summary>The sum of two columns, less 5, as the log-odds of being tall.</summary>
    static OnnxFile Tall(params string[] classes) => OnnxFile.Of(
        "tall.onnx",
        new OnnxWriter("pytorch").Input("X", Floats, -1, 2).Weights("W", [2, 2], 2, 1).Weights("b", [-10], 1).Node("Gemm", ["X", "W", "b"], ["logit"])
            .Output("logit", Floats, -1, 1).ToBytes(),
        new OnnxOptions { Classes = classes });

    [Fact]
    public async Task By_itself_it_predicts_evaluates_and_explains_raw_columns()
    {
        var options = new ImportOptions { Label = "Species", Columns = ["Length", "Width"], Data = Dataset.From(Flowers) };
        var model = await TrainedModel.ImportAsync("tall", Tall("short", "tall"), options, Ct);
        model.Save(Path.Combine(_folder, "tall"));
        var loaded = TrainedModel.Load(Path.Combine(_folder, "tall"));
        Assert.Equal(model.Hash, loaded.Hash);
        Assert.Equal(["Length", "Width"], loaded.Artifact.Transform.Input.Names);
        Assert.Equal(200, loaded.Artifact.TrainingStatistics.RowCount);
        Assert.Equal(16, loaded.Artifact.Golden.Rows.RowCount);
        Assert.Equal("Imported (ONNX by pytorch), not trained here.", loaded.Artifact.Lineage.StopReason);
        Assert.Equal(1.0, (await loaded.EvaluateAsync(Dataset.From(Flowers), Ct))["auc"]);
        var expected = Flowers.Select(flower => 1 / (1 + Math.Exp(10 - 2 * (flower.Length + flower.Width))));
        Assert.All(expected.Zip(await loaded.PredictAsync(Flowers, Ct)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        // The model is a sum, so each column's attribution is what it adds beyond its mean over the reference rows.
        var explained = await loaded.ExplainAsync(Flowers[..8], cancellationToken: Ct);
        var mean = loaded.Artifact.Reference!.Passed["Length"].Float64s.ToArray().Average();
        Assert.All(Flowers.Zip(explained), pair => Assert.Equal(
            2 * (pair.First.Length - mean), pair.Second.Attributions.Single(each => each.Column == "Length").Value, 1e-4));
    }

    [Fact]
    public async Task Behind_a_pipeline_it_takes_features_by_name_and_raw_columns_as_they_are()
    {
        var file = OnnxFile.Of(
            "price.onnx",
            new OnnxWriter().Input("size", Floats, -1, 1).Input("Color", Strings, -1, 1)
                .Node("LabelEncoder", ["Color"], ["extra"], Texts("keys_strings", "red", "blue"), Fractions("values_floats", 100, 200), Fraction("default_float", 0))
                .Node("Add", ["size", "extra"], ["price"]).Output("price", Floats, -1, 1).ToBytes());
        var options = new ImportOptions
        {
            Pipeline = new Pipeline { Label = "Length", Features = new Dictionary<string, string> { ["size"] = "Length * Width" } },
            Data = Dataset.From(Flowers),
        };
        var model = await TrainedModel.ImportAsync("price", file, options, Ct);
        model.Save(Path.Combine(_folder, "price"));
        var found = await TrainedModel.Load(Path.Combine(_folder, "price")).PredictAsync(Flowers, Ct);
        var expected = Flowers.Select(flower => (float)(flower.Length * flower.Width) + (flower.Color switch { "red" => 100, "blue" => 200, _ => 0 }));
        Assert.Equal(expected, found);
        Assert.Contains("joined", Assert.Throws<OnnxNotSupportedException>(() => OnnxModelExport.Export(model.Artifact)).Message);
    }

    [Fact]
    public async Task Behind_a_pipeline_a_matrix_takes_the_features_in_their_order()
    {
        var pipeline = new Pipeline
        {
            Label = "Species",
            Features = new Dictionary<string, string> { ["double_width"] = "2 * Width", ["color"] = "vocabulary(Color, ['red'])", ["half"] = "Length / 2" },
        };
        var matrix = OnnxFile.Of(
            "m.onnx",
            new OnnxWriter().Input("X", Floats, -1, -1).Weights("W", [1, 10, 100], 3, 1).Node("MatMul", ["X", "W"], ["y"]).Output("y", Floats, -1, 1).ToBytes(),
            new OnnxOptions { Scores = OnnxScores.Value });
        var model = await TrainedModel.ImportAsync(
            "m", matrix, new ImportOptions { Pipeline = pipeline, Label = "Length", Data = Dataset.From(Flowers) }, Ct);
        var flower = new Flower(3, 1.5, "blue", "short");
        Assert.Equal(3 + 10 * 1 + 100 * 1.5f, (await model.PredictAsync([flower], Ct))[0], 1e-4);
        var few = Assert.ThrowsAsync<ArgumentException>(() => TrainedModel.ImportAsync(
            "m", Tall("short", "tall"), new ImportOptions { Pipeline = pipeline, Data = Dataset.From(Flowers) }, Ct));
        Assert.Contains("takes 'X' float[?, 2]; it was given 3 (double_width, color, half)", (await few).Message);
        Assert.Contains("--data", (await Assert.ThrowsAsync<ArgumentException>(() => TrainedModel.ImportAsync(
            "m", matrix, new ImportOptions { Pipeline = pipeline }, Ct))).Message);
    }

    [Fact]
    public async Task A_feature_cant_stand_where_a_text_is_taken()
    {
        var file = OnnxFile.Of(
            "t.onnx",
            new OnnxWriter().Input("Color", Strings, -1, 1).Node("LabelEncoder", ["Color"], ["y"], Texts("keys_strings", "red"), Fractions("values_floats", 1))
                .Output("y", Floats, -1, 1).ToBytes());
        var pipeline = new Pipeline { Label = "Length", Features = new Dictionary<string, string> { ["Color"] = "vocabulary(Color, ['red'])" } };
        Assert.Contains("can't be given 'Color', which is int; texts go to it as raw columns", (await Assert.ThrowsAsync<ArgumentException>(
            () => TrainedModel.ImportAsync("t", file, new ImportOptions { Pipeline = pipeline, Data = Dataset.From(Flowers) }, Ct))).Message);
    }

    [Fact]
    public async Task Exported_again_it_is_the_file_that_it_was()
    {
        var bytes = new OnnxWriter().Input("x", Floats, -1, 1).Node("Neg", ["x"], ["y"]).Output("y", Floats, -1, 1).ToBytes();
        var model = await TrainedModel.ImportAsync("m", OnnxFile.Of("m.onnx", bytes), cancellationToken: Ct);
        Assert.Equal(bytes, OnnxModelExport.Export(model.Artifact));
    }

    [Fact]
    public async Task Damaged_it_is_refused_and_golden_rows_that_come_out_otherwise_are_noticed()
    {
        var model = await TrainedModel.ImportAsync("tall", Tall("short", "tall"), new ImportOptions { Columns = ["Length", "Width"] }, Ct);
        var golden = model.Artifact.Golden;
        var other = new TrainedModel("tall", model.Artifact with
        {
            Golden = new GoldenRows(golden.Rows, [.. golden.Predictions.Select(prediction => prediction + 0.1f)]),
        });
        other.Save(Path.Combine(_folder, "other"));
        Assert.Contains("golden row 1", Assert.Throws<CorruptArtifactException>(() => TrainedModel.Load(Path.Combine(_folder, "other"))).Message);
    }

    [Fact]
    public async Task Features_of_it_are_the_columns_that_it_is_given()
    {
        var model = await TrainedModel.ImportAsync(
            "tall", Tall("short", "tall"), new ImportOptions { Columns = ["Length", "Width"], Data = Dataset.From(Flowers) }, Ct);
        var rows = 0;
        await foreach (var batch in (await model.Features(Dataset.From(Flowers), "Species").OpenAsync(Ct)).ReadAllAsync(["Species", "Width"], Ct))
        {
            Assert.Equal(Flowers.Select(flower => flower.Width), batch["Width"].Float64s.ToArray());
            rows += batch.RowCount;
        }

        Assert.Equal(200, rows);
    }

    static string Here([CallerFilePath] string path = "") => path;

    [Fact]
    public async Task The_sample_of_the_guide_runs()
    {
        var path = Path.Combine(_folder, "tall.onnx");
        await File.WriteAllBytesAsync(path, Tall("short", "tall").Over(new FeatureLayout([FeatureSpec.Numeric("a"), FeatureSpec.Numeric("b")]), ["a", "b"]).Content, Ct);
        var flowers = Flowers;
        var file = path;
        // <sample>
        var network = OnnxFile.Read(file, new OnnxOptions { Classes = ["short", "tall"] });
        var model = await TrainedModel.ImportAsync("tall", network, new ImportOptions
        {
            Columns = ["Length", "Width"], Label = "Species", Data = Dataset.From(flowers),
        });
        Console.WriteLine(await model.EvaluateAsync(Dataset.From(flowers)));
        // </sample>
        var guide = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "docs", "guide", "import.md"), Ct);
        var (own, shown) = (await File.ReadAllLinesAsync(Here(), Ct), new List<string>());
        shown.AddRange(own.SkipWhile(line => line.Trim() != "// <sample>").Skip(1).TakeWhile(line => line.Trim() != "// </sample>").Select(line => line[Math.Min(8, line.Length)..]));
        Assert.Contains(string.Join('\n', shown), guide);
        Assert.Equal(1.0, (await model.EvaluateAsync(Dataset.From(flowers), Ct))["auc"]);
    }
}
