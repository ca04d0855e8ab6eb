using System.Text;
using Capstan.Data;

namespace Capstan.Models.Tests.Artifacts;

public sealed class ArtifactFolderTests : IDisposable
{
    static readonly string[] Files = ["SHA256SUMS", "golden.cbor", "label.cbor", "lineage.json", "predictor.cbor", "statistics.cbor", "transform.cbor"];

    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => ["linear", "dnn", "classes", "classes-dnn", "wide-deep", "trees", "classes-trees", "offset-trees", "isotonic", "normalized"];

    public static TheoryData<string> FileNames => [.. Files];

    public void Dispose() => _folder.Dispose();

    static ModelArtifact Make(string model, int seed = 1) => model switch
    {
        "linear" => SmallModels.Linear(seed),
        "dnn" => SmallModels.Dnn(seed),
        "wide-deep" => SmallModels.WideDeep(seed),
        "trees" => SmallModels.Trees(seed),
        "isotonic" => SmallModels.Calibrated(seed),
        "normalized" => SmallModels.Normalized(seed),
        "offset-trees" => SmallModels.Trees(seed, offset: 0),
        "classes-trees" => SmallModels.Trees(seed, classes: 3),
        _ => SmallModels.Classes(seed, network: model == "classes-dnn"),
    };

    static float[] Score(ModelArtifact artifact)
    {
        var predictions = new float[100 * artifact.Predictor.Output.Width];
        new ModelScorer(artifact.Transform, artifact.Predictor).Score(SmallModels.Rows(100), predictions);
        return predictions;
    }

    string Write(string name = "model", string model = "linear")
    {
        ArtifactFolder.Write(Make(model), _folder[name], overwrite: false);
        return _folder[name];
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_read_to_predict_predicts_the_same_under_the_same_name(string model)
    {
        var (written, read) = (Make(model), ArtifactFolder.ReadToPredict(Write(model: model)));
        Assert.Equal(written.Hash, read.Hash);
        Assert.Equal(Score(written), Score(read));
        Assert.Empty(read.TrainingStatistics.Columns);
    }

    [Theory]
    [MemberData(nameof(FileNames))]
    public void Who_only_predicts_has_every_file_hashed_too(string file)
    {
        var path = Path.Combine(Write(), file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.ReadToPredict(_folder["model"]));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_read_is_what_was_written(string model)
    {
        var (written, read) = (Make(model), ArtifactFolder.Read(Write(model: model)));
        Assert.Equal(written.Hash, read.Hash);
        Assert.Equal(Score(written), Score(read));
        Assert.Equal(written.Label, read.Label);
        Assert.Equal(written.DataSchema, read.DataSchema);
        Assert.Equal(written.Golden.Predictions, read.Golden.Predictions);
        Assert.Equal(written.TrainingStatistics.ToBytes(), read.TrainingStatistics.ToBytes());
        Assert.Equal((written.Lineage.Seed, written.Lineage.CreatedAt, written.Lineage.TrainingTime), (read.Lineage.Seed, read.Lineage.CreatedAt, read.Lineage.TrainingTime));
        Assert.Equal(Files, Directory.EnumerateFiles(_folder["model"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_hash_is_of_the_content_and_not_of_the_lineage(string model)
    {
        var artifact = Make(model);
        Assert.Equal(artifact.Hash, Make(model).Hash);
        Assert.Equal(artifact.Hash, (artifact with { Lineage = artifact.Lineage with { CreatedAt = DateTimeOffset.MaxValue } }).Hash);
        Assert.NotEqual(artifact.Hash, Make(model, seed: 2).Hash);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Writing_twice_writes_the_same_bytes(string model)
    {
        var (first, second) = (Write("a", model), Write("b", model));
        Assert.All(Files, name => Assert.Equal(File.ReadAllBytes(Path.Combine(first, name)), File.ReadAllBytes(Path.Combine(second, name))));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("dnn")]
    public void An_artifact_of_version_1_loads_for_ever(string model)
    {
        // Reading replays the golden rows to the bit.
        var folder = SmallModels.Golden($"artifact-v1-{model}");
        var read = ArtifactFolder.Read(folder);
        Assert.Equal(12, read.Golden.Rows.RowCount);
        Assert.Equal(Score(Make(model)), Score(read));

        // Its name is of the bytes that were written then: the checksums of all files but the lineage.
        var checksums = File.ReadAllLines(Path.Combine(folder, "SHA256SUMS"));
        Assert.Equal(ContentHash.Of(Encoding.UTF8.GetBytes(string.Concat(checksums[..5].Select(line => $"{line}\n")))), read.Hash);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void An_artifact_as_this_release_writes_it_stays_so(string model)
    {
        var folder = SmallModels.Golden($"artifact-v1-2-{model}");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            ArtifactFolder.Write(Make(model), folder, overwrite: true);
        }

        var read = ArtifactFolder.Read(folder);
        Assert.Equal(Make(model).Hash, read.Hash);
        Assert.Equal(Score(Make(model)), Score(read));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_flipped_bit_in_every_file_is_noticed(string model)
    {
        var folder = Write(model: model);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var bytes = File.ReadAllBytes(path);
            for (var index = 0; index < bytes.Length; index++)
            {
                bytes[index] ^= (byte)(1 << (index % 8));
                File.WriteAllBytes(path, bytes);
                Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder));
                bytes[index] ^= (byte)(1 << (index % 8));
            }

            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(Make(model).Hash, ArtifactFolder.Read(folder).Hash);
    }

    [Theory]
    [MemberData(nameof(FileNames))]
    public void A_file_that_is_missing_empty_truncated_or_longer_is_noticed(string name)
    {
        var folder = Write();
        var path = Path.Combine(folder, name);
        var bytes = File.ReadAllBytes(path);
        foreach (var damaged in new[] { [], bytes[..^1], bytes[..(bytes.Length / 2)], [.. bytes, (byte)'\n'], [.. bytes, .. bytes] })
        {
            File.WriteAllBytes(path, damaged);
            Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder));
        }

        File.Delete(path);
        var missing = Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder));
        Assert.Equal(folder, missing.Folder);
        Assert.Contains($"its file {name} is missing", missing.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_said_to_be_so() =>
        Assert.Contains("there is no such folder", Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(_folder["gone"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_is_replaced_only_when_asked()
    {
        var folder = Write();
        Assert.Contains("exists already", Assert.Throws<IOException>(() => ArtifactFolder.Write(Make("dnn"), folder, overwrite: false)).Message, StringComparison.Ordinal);
        Assert.Equal(Make("linear").Hash, ArtifactFolder.Read(folder).Hash);
        ArtifactFolder.Write(Make("dnn"), folder, overwrite: true);
        Assert.Equal(Make("dnn").Hash, ArtifactFolder.Read(folder).Hash);
        Assert.Equal(["model"], _folder.Names);
    }

    [Fact]
    public void What_is_no_model_is_never_replaced()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllText(_folder["photos/me.jpg"], "");
        File.WriteAllText(_folder["notes"], "");
        foreach (var name in new[] { "photos", "notes" })
        {
            Assert.Contains("is no model", Assert.Throws<IOException>(() => ArtifactFolder.Write(Make("linear"), _folder[name], overwrite: true)).Message, StringComparison.Ordinal);
        }

        Assert.True(File.Exists(_folder["photos/me.jpg"]));
        Assert.Equal(["notes", "photos"], _folder.Names);
    }

    [Fact]
    public void Parents_are_created_and_a_trailing_slash_does_not_matter()
    {
        ArtifactFolder.Write(Make("linear"), _folder["a/b/model"] + "/", overwrite: false);
        Assert.Equal(Make("linear").Hash, ArtifactFolder.Read(_folder["a/b/model/"]).Hash);
    }

    [Fact]
    public void A_place_that_cannot_be_written_leaves_nothing_behind()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.ThrowsAny<IOException>(() => ArtifactFolder.Write(Make("linear"), _folder["file/model"], overwrite: false));
        Assert.Equal(["file"], _folder.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_that_fails_half_way_leaves_nothing_behind_and_an_existing_model_whole(bool exists)
    {
        if (exists)
        {
            Write(model: "dnn");
        }

        // A folder where the third file goes stands for the disk that is full by then.
        var artifact = Make("linear");
        Directory.CreateDirectory(_folder[$".model.{artifact.Hash.Short}.part/label.cbor"]);
        var failure = Assert.ThrowsAny<Exception>(() => ArtifactFolder.Write(artifact, _folder["model"], overwrite: true));
        Assert.True(failure is IOException or UnauthorizedAccessException);
        Assert.Equal(exists ? ["model"] : [], _folder.Names);
        if (exists)
        {
            Assert.Equal(Make("dnn").Hash, ArtifactFolder.Read(_folder["model"]).Hash);
        }
    }

    [Fact]
    public void A_model_that_cannot_be_put_aside_stays()
    {
        Write(model: "dnn");
        File.WriteAllText(_folder[".model.old"], "in the way");
        Assert.ThrowsAny<IOException>(() => ArtifactFolder.Write(Make("linear"), _folder["model"], overwrite: true));
        Assert.Equal(Make("dnn").Hash, ArtifactFolder.Read(_folder["model"]).Hash);
        Assert.Equal([".model.old", "model"], _folder.Names);
    }

    [Fact]
    public async Task Many_readers_at_once_read_the_same()
    {
        var folder = Write(model: "dnn");
        var expected = Score(Make("dnn"));
        var all = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Score(ArtifactFolder.Read(folder)), TestContext.Current.CancellationToken)));
        Assert.All(all, predictions => Assert.Equal(expected, predictions));
    }

    [Fact]
    public async Task Threads_share_one_model_each_with_a_scorer_of_its_own()
    {
        var artifact = ArtifactFolder.Read(Write(model: "dnn"));
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Score(artifact), TestContext.Current.CancellationToken)));
        Assert.All(all, predictions => Assert.Equal(Score(Make("dnn")), predictions));
    }
}
