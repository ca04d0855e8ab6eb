using Capstan.Data;
using Capstan.Features;
using Capstan.Models.Tests.Artifacts;

namespace Capstan.Models.Tests.Explanations;

public sealed class ModelExplainerTests
{
    static readonly string[] Names = ["linear", "dnn", "wide-deep", "classes", "classes-dnn"];

    public static TheoryData<string, AttributionMethod> Models =>
        [.. Names.SelectMany(model => Enum.GetValues<AttributionMethod>().Select(method => (model, method)))];

    static ModelArtifact Make(string model) => model switch
    {
        "linear" => SmallModels.Linear(),
        "dnn" => SmallModels.Dnn(),
        "wide-deep" => SmallModels.WideDeep(),
        _ => SmallModels.Classes(network: model == "classes-dnn"),
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Attributions_to_raw_columns_add_up_to_the_score_missing_values_and_unseen_categories_too(string model, AttributionMethod method)
    {
        var (artifact, rows) = (Make(model), SmallModels.Rows(60));
        var explainer = new ModelExplainer(artifact, method);
        var (width, columns) = (explainer.Output.Width, explainer.Columns.Length);
        var (scores, attributions) = (new float[60 * width], new double[60 * width * columns]);
        explainer.Explain(rows, scores, attributions);
        var expected = new float[60 * width];
        new ModelScorer(artifact.Transform, artifact.Predictor).ScoreRaw(rows, expected);
        Assert.Equal(expected, scores);
        for (var index = 0; index < scores.Length; index++)
        {
            var sum = explainer.BaseScores[index % width] + attributions.AsSpan(index * columns, columns).ToArray().Sum();
            Assert.Equal(scores[index], sum, 1e-4 * (1 + Math.Abs(scores[index])));
        }

        Assert.Equal(0, Allocations.Of(() => explainer.Explain(rows, scores, attributions)));
    }

    [Fact]
    public void A_feature_of_several_columns_is_shared_equally()
    {
        var schema = new Schema([new("a", DataType.Float64), new("b", DataType.Float64), new("c", DataType.Float64)]);
        var transform = new FrozenTransform(
            schema, [("both", ExprParser.Parse("a + b")), ("third", ExprParser.Parse("c")), ("more", ExprParser.Parse("a * 2")), ("one", ExprParser.Parse("1"))]);
        var rows = new BatchBuilder(schema);
        Append(rows, 0, 0, 0);
        var artifact = SmallModels.Linear() with
        {
            Transform = transform, Predictor = new LinearPredictor(ModelOutput.Value, transform.Output, 4, [10, 1, 0.5f, 3], []),
            Golden = new GoldenRows(rows.Batch, [7]),
        };
        var explainer = new ModelExplainer(artifact);
        var (scores, attributions) = (new float[1], new double[3]);
        var row = new BatchBuilder(schema);
        Append(row, 1, 2, 5);
        explainer.Explain(row.Batch, scores, attributions);
        Assert.Equal(["a", "b", "c"], explainer.Columns);
        Assert.Equal([7], explainer.BaseScores);
        // 10 (a + b) is 30, half to each; a has 0.5 · 2a more.
        Assert.Equal([15 + 1, 15, 5], attributions);
        Assert.Contains("one for each row, score and column", Assert.Throws<ArgumentException>(
            () => explainer.Explain(row.Batch, scores, new double[4])).Message);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("classes")]
    public void Reference_rows_are_stored_and_found_again_under_a_name_of_their_own(string model)
    {
        using var folder = new TemporaryFolder();
        var artifact = Make(model);
        var features = new FeatureBuffer(artifact.Transform.Output);
        artifact.Transform.Apply(SmallModels.Rows(9), features, artifact.Transform.CreateWorkspace());
        var written = artifact with { Reference = ReferenceRows.Of(features) };
        ArtifactFolder.Write(written, folder["model"], overwrite: false);
        var read = ArtifactFolder.Read(folder["model"]);
        Assert.Equal(written.Hash, read.Hash);
        Assert.NotEqual(artifact.Hash, read.Hash);
        Assert.Equal(Explained(written), Explained(read));
        Assert.NotEqual(Explained(artifact), Explained(read));

        var path = Path.Combine(folder["model"], "reference.cbor");
        var bytes = File.ReadAllBytes(path);
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] ^= (byte)(1 << (index % 8));
            File.WriteAllBytes(path, bytes);
            Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder["model"]));
            bytes[index] ^= (byte)(1 << (index % 8));
        }

        File.Delete(path);
        Assert.Contains("reference.cbor is missing", Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder["model"])).Message);
    }

    static double[] Explained(ModelArtifact artifact)
    {
        var explainer = new ModelExplainer(artifact);
        var (scores, attributions) = (new float[10 * explainer.Output.Width], new double[10 * explainer.Output.Width * explainer.Columns.Length]);
        explainer.Explain(SmallModels.Rows(10), scores, attributions);
        return attributions;
    }

    static void Append(BatchBuilder rows, params double[] values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            rows.Columns[index].Append(values[index]);
        }
    }
}
