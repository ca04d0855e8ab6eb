using Capstan.Data;
using Capstan.Features;
using Capstan.Models.Tests.Artifacts;

namespace Capstan.Models.Tests.Foreign;

/// <summary>Artifacts of models that another runtime computes: what is stored, and what a program without it says.</summary>
public sealed class ForeignRuntimeTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-foreign-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_program_without_the_runtime_says_what_it_lacks_and_one_that_has_it_reads_the_model()
    {
        ArtifactFolder.Write(Make("Absent"), Path.Combine(_folder, "absent"), overwrite: false);
        var failure = Assert.Throws<UnknownRuntimeException>(() => ArtifactFolder.Read(Path.Combine(_folder, "absent")));
        Assert.Equal("Absent", failure.Runtime);
        Assert.Contains("references the package Capstan.Models.Absent and calls AbsentModels.Enable()", failure.Message);
        ForeignRuntime.Add(new SumRuntime("Present"));
        ArtifactFolder.Write(Make("Present"), Path.Combine(_folder, "present"), overwrite: false);
        var read = ArtifactFolder.Read(Path.Combine(_folder, "present"));
        Assert.Equal(Make("Present").Hash, read.Hash);
        Assert.Equal(["fare", "riders", "vendor"], read.Transform.Output.Passed.Names);
        Assert.Equal(3, read.Reference!.Passed.RowCount);
    }

    [Fact]
    public void Content_that_the_runtime_refuses_is_a_corrupt_artifact()
    {
        ForeignRuntime.Add(new SumRuntime("Refusing") { Refuses = true });
        ArtifactFolder.Write(Make("Refusing"), Path.Combine(_folder, "model"), overwrite: false);
        Assert.Contains("it is refused", Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(Path.Combine(_folder, "model"))).Message);
    }

    [Fact]
    public void Sampled_Shapley_values_of_columns_that_are_passed_on_are_what_each_adds()
    {
        var artifact = Make("Present");
        var explainer = new ModelExplainer(artifact);
        var rows = artifact.Golden.Rows;
        var (scores, attributions) = (new float[rows.RowCount], new double[rows.RowCount * 3]);
        explainer.Explain(rows, scores, attributions);
        // The reference rows are the golden rows: a column adds its value beyond the mean of theirs.
        double[][] added = [[1 - 2.5, 2.5 - 2.5, 4 - 2.5], [2 - 1, 0 - 1, 1 - 1], [3 - 2, 2 - 2, 1 - 2]];
        for (var row = 0; row < 3; row++)
        {
            Assert.Equal([added[0][row], added[1][row], added[2][row]], attributions.AsSpan(row * 3, 3).ToArray());
        }

        Assert.Equal(5.5, explainer.BaseScores[0]);
    }

    /// <summary>The sum of a number, an integer and the length of a text.</summary>
    static ModelArtifact Make(string runtime)
    {
        var known = SmallModels.Linear();
        var schema = new Schema([new("fare", DataType.Float64), new("riders", DataType.Int64), new("vendor", DataType.Text), new("late", DataType.Float64)]);
        var transform = new FrozenTransform(schema, [], "fare", "riders", "vendor");
        var rows = new BatchBuilder(transform.Input);
        foreach (var (fare, riders, vendor) in new[] { (1.0, 2L, "abc"), (2.5, 0L, "ab"), (4.0, 1L, "a") })
        {
            rows.Columns[0].Append(fare);
            rows.Columns[1].Append(riders);
            rows.Columns[2].Append(vendor);
        }

        var predictor = new SumPredictor(runtime, transform.Output);
        var predictions = new float[3];
        new ModelScorer(transform, predictor).Score(rows.Batch, predictions);
        var features = new FeatureBuffer(transform.Output);
        transform.Apply(rows.Batch, features, transform.CreateWorkspace());
        return new ModelArtifact(
            transform, predictor, new LabelDefinition(ExprParser.Parse("late"), null), schema, new TableStatistics(schema),
            new GoldenRows(rows.Batch, [.. predictions]), known.Lineage)
        {
            Reference = ReferenceRows.Of(features),
        };
    }

    sealed class SumRuntime(string name) : ForeignRuntime(name)
    {
        public bool Refuses { get; init; }

        public override IForeignPredictor Read(FeatureLayout features, ReadOnlyMemory<byte> content, string binding) =>
            Refuses ? throw new ArgumentException("it is refused.") : new SumPredictor(Name, features);
    }

    sealed class SumPredictor(string runtime, FeatureLayout features) : IForeignPredictor
    {
        public ModelOutput Output => ModelOutput.Value;

        public FeatureLayout Features => features;

        public string Runtime => runtime;

        public ReadOnlyMemory<byte> Content => new byte[] { 1, 2, 3 };

        public string Binding => "a + b";

        public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

        public void Predict(FeatureBuffer rows, Span<float> scores, PredictorWorkspace workspace)
        {
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] = (float)(rows.Passed["fare"].Float64s[row] + rows.Passed["riders"].Int64s[row] + rows.Passed["vendor"].TextAt(row).Length);
            }
        }
    }
}
