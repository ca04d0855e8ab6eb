namespace Capstan.Tests;

/// <summary>
/// What users of MovieLens rated first against what they rated later, by the samples on what samples/movielens/join.sql makes of the two
/// files (logistic regression 0.7667, a torch network with embeddings 0.7661).
/// </summary>
public sealed class MovieLensQuality : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-movielens-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("pipeline.json", 0.780)]
    [InlineData("wide-deep.json", 0.772)]
    public async Task Movies_that_a_user_likes_are_told(string sample, double least)
    {
        var ct = TestContext.Current.CancellationToken;
        await SampleQueries.RunAsync(
            "movielens/join.sql", [("ratings.csv", "movielens_small/ratings.csv"), ("movies.csv", "movielens_small/movies.csv")], _folder,
            ["train.parquet", "later.parquet"], ct);
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", "movielens", sample), ct));
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Read("train"), ct);
        var evaluation = await model.EvaluateAsync(Read("later"), ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sample}: {evaluation}");
        Assert.InRange(evaluation["auc"]!.Value, least, 0.82);
        Assert.Equal((80_209, 19_770), (model.Artifact.Lineage.TrainingRows + model.Artifact.Lineage.ValidationRows, evaluation.RowCount));
    }

    Dataset Read(string name) => Dataset.Read(Path.Combine(_folder, $"{name}.parquet"));
}
