using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class AnalysisFolderTests : IDisposable
{
    static readonly ColumnBatch Some = Of(Numbers("x", 1, 2, 3, 4, 5, 6, 7, 8), Texts("w", "a", "b", "a", "a", "c", "c", "b", "a"));

    readonly string _path = Directory.CreateTempSubdirectory("capstan-analyses-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Another_number_of_buckets_reads_no_row()
    {
        Assert.Equal(1, (await Fit("bucketize(log(x), 2)", Some)).Passes);
        foreach (var buckets in (int[])[3, 4, 8])
        {
            var (transform, passes) = await Fit($"bucketize(log(x), {buckets})", Some);
            Assert.Equal(0, passes);
            Assert.Equal((await Fresh($"bucketize(log(x), {buckets})", Some)).Hash, transform.Hash);
        }
    }

    [Fact]
    public async Task Another_vocabulary_size_or_statistic_of_the_same_expression_reads_no_row()
    {
        Assert.Equal(1, (await Fit("cross(vocabulary(w, max_size: 1), bucketize(x * 2, 2), 100)", Some)).Passes);
        Assert.Equal(0, (await Fit("vocabulary(w, min_count: 2, unknown_buckets: 3)", Some)).Passes);
        Assert.Equal(0, (await Fit("quantile(x * 2, 0.25)", Some)).Passes);
        // Moments were not observed of it before.
        Assert.Equal(1, (await Fit("mean(x * 2)", Some)).Passes);
        Assert.Equal(0, (await Fit("z_score(x * 2)", Some)).Passes);
    }

    [Fact]
    public async Task Other_rows_are_read()
    {
        await Fit("mean(log(x))", Some);
        var other = Of(Numbers("x", 1, 2, 3, 4, 5, 6, 7, 9), Texts("w", "a", "b", "a", "a", "c", "c", "b", "a"));
        var (transform, passes) = await Fit("mean(log(x))", other);
        Assert.Equal(1, passes);
        Assert.Equal((await Fresh("mean(log(x))", other)).Hash, transform.Hash);
    }

    [Fact]
    public async Task A_damaged_state_is_as_if_it_were_not_there()
    {
        await Fit("mean(log(x))", Some);
        var file = Assert.Single(Directory.GetFiles(_path));
        var bytes = File.ReadAllBytes(file);
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.Null(new AnalysisFolder(_path).Find<Moments>(new MemorySource(Some.Schema, [Some]).Fingerprint, "log(x)"));
            bytes[index] ^= 1;
        }

        File.WriteAllBytes(file, bytes.AsSpan(0, 20));
        Assert.Equal(1, (await Fit("mean(log(x))", Some)).Passes);
        Assert.Equal(0, (await Fit("mean(log(x))", Some)).Passes);
    }

    [Fact]
    public void The_oldest_states_go_when_the_budget_is_used_up()
    {
        var folder = new AnalysisFolder(_path, budgetBytes: 1000);
        for (var state = 0; state < 50; state++)
        {
            folder.Keep("rows", $"x{state}", Moments.Of([state]));
            foreach (var file in Directory.GetFiles(_path))
            {
                File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(-1));
            }
        }

        Assert.InRange(Directory.GetFiles(_path).Sum(file => new FileInfo(file).Length), 1, 1000);
        Assert.Equal(49, folder.Find<Moments>("rows", "x49")!.Mean);
        Assert.Null(folder.Find<Moments>("rows", "x0"));
    }

    [Fact]
    public void A_folder_that_can_not_be_made_keeps_nothing_and_fails_nothing()
    {
        var file = Path.Combine(_path, "file");
        File.WriteAllText(file, "");
        var folder = new AnalysisFolder(Path.Combine(file, "inside"));
        folder.Keep("rows", "x", Moments.Of([1]));
        Assert.Null(folder.Find<Moments>("rows", "x"));
    }

    async Task<(FrozenTransform Transform, int Passes)> Fit(string expression, ColumnBatch rows)
    {
        var source = new CountingSource(rows);
        var graph = new TransformGraph(rows.Schema) { ["f"] = ExprParser.Parse(expression) };
        return (await graph.FitAsync(source, null, new AnalysisFolder(_path), null, TestContext.Current.CancellationToken), source.Passes);
    }

    static Task<FrozenTransform> Fresh(string expression, ColumnBatch rows) => Rows.Fit(expression, rows);
}
