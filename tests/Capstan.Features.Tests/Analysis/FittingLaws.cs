using System.Globalization;
using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

/// <summary>What holds for every node that needs a pass; a new one is a line in <see cref="Nodes"/>.</summary>
public sealed class FittingLaws
{
    public static TheoryData<string> Nodes =>
    [
        "mean(x)", "stddev(x)", "minimum(x)", "maximum(x)", "range(x)", "quantile(x + y, 0.3)", "bucketize(x, 5)",
        "vocabulary(w, max_size: 3)", "vocabulary(y, max_size: 2, min_count: 2)",
        "mean_by(x, w, min_rows: 3)", "stddev_by(x, y, min_rows: 1)", "minimum_by(x, w)", "maximum_by(x, w)", "range_by(x, w, min_rows: 2)",
        "count_by(w)", "bucketize_by(x, w, 3, min_rows: 2)", "quantile(x, 0.7, weight: y)", "bucketize(x, 4, weight: y + 1)", "gaussianize(x)",
        "uniformize(x)", "density(x, bins: 5)", "sum(x)", "variance(x)", "covariance(x, y)", "vocabulary(w, max_size: 2, weight: y + 1)",
        "vocabulary(w, max_size: 3, label: x > 0)", "pca(x, y, x + y * y, component: 1)",
        "target_encode(w, x, min_rows: 2)",
    ];

    [Theory]
    [MemberData(nameof(Nodes))]
    public void States_of_any_split_merge_into_the_state_of_all_rows(string node)
    {
        var random = new Random(11);
        for (var repeat = 0; repeat < 20; repeat++)
        {
            var fitting = FittingOf(node);
            var rows = SomeRows(random, random.Next(3, 60));
            var (first, second) = (random.Next(0, rows.Length), random.Next(0, rows.Length));
            var parts = new[] { rows[..Math.Min(first, second)], rows[Math.Min(first, second)..Math.Max(first, second)], rows[Math.Max(first, second)..] };
            var states = parts.Select(part => Observed(fitting.Analyzer, part)).ToArray();
            var whole = Rounded(fitting.Conclude(Observed(fitting.Analyzer, rows)));
            Assert.Equal(whole, Rounded(fitting.Conclude(states[0].Merge(states[1]).Merge(states[2]))));
            Assert.Equal(whole, Rounded(fitting.Conclude(states[0].Merge(states[1].Merge(states[2])))));
            Assert.Equal(fitting.Conclude(states[0].Merge(states[1])), fitting.Conclude(states[1].Merge(states[0])));
            Assert.Equal(fitting.Conclude(states[0]), fitting.Conclude(fitting.Analyzer.Begin().Merge(states[0])));
        }
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public void A_node_is_frozen_once_concluded_whatever_the_rows(string node)
    {
        var fitting = FittingOf(node);
        Assert.True(ExprChildren.NeedsPass(ExprParser.Parse(node)));
        Assert.True(ExprChildren.IsFrozen(fitting.Conclude(fitting.Analyzer.Begin())));
        Assert.True(ExprChildren.IsFrozen(fitting.Conclude(Observed(fitting.Analyzer, [new(null, null, null, 0), new(null, null, null, 4)]))));
        Assert.True(ExprChildren.IsFrozen(fitting.Conclude(Observed(fitting.Analyzer, SomeRows(new Random(1), 40)))));
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task A_kept_state_concludes_the_same_without_reading_a_row(string node)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-fittings-").FullName;
        var kept = new AnalysisFolder(folder);
        var source = new CountingSource(Batch(SomeRows(new Random(2), 40)));
        var found = new List<Expr>();
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var analysis = new Analysis([ExprParser.Parse(node)], source.Fingerprint, null, kept);
            Assert.Equal(repeat == 0, analysis.NeedsPass);
            if (analysis.NeedsPass)
            {
                await analysis.RunAsync(source, 1, null, null, TestContext.Current.CancellationToken);
            }

            found.Add(analysis.Conclude(ExprParser.Parse(node)));
        }

        Assert.Equal(found[0], found[1]);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task What_others_find_in_the_splits_concludes_as_what_is_found_here(string node)
    {
        var random = new Random(3);
        var source = new SplitSource([.. Enumerable.Range(0, 7).Select(_ => Batch(SomeRows(random, random.Next(1, 40))))]);
        var found = new List<Expr>();
        foreach (var pool in new ISplitPool?[] { null, new BytesPool() })
        {
            var analysis = new Analysis([ExprParser.Parse(node)], source.Fingerprint, null, null);
            await analysis.RunAsync(source, 3, pool, null, TestContext.Current.CancellationToken);
            found.Add(analysis.Conclude(ExprParser.Parse(node)));
            found.Add(analysis.ConcludeOutOfFold(ExprParser.Parse(node)));
        }

        Assert.Equal(found[..2], found[2..]);
    }

    sealed class SplitSource(ColumnBatch[] splits) : IBatchSource
    {
        public Schema Schema => splits[0].Schema;

        public IReadOnlyList<Split> Splits { get; } = [.. splits.Select((batch, index) => new Split(index, $"part {index}", batch.RowCount))];

        public string Fingerprint => "splits";

        public IAsyncEnumerable<ColumnBatch> ReadAsync(Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
            new MemorySource(Schema, [splits[split.Index]]).ReadAsync(split, columns, cancellationToken);
    }

    /// <summary>Another process, but for the process: only bytes go there and come back.</summary>
    sealed class BytesPool : ISplitPool
    {
        public int Ahead => 4;

        public async Task<SplitAnswer> AskAsync(SplitTask task, IBatchSource source, Split split, CancellationToken cancellationToken)
        {
            var answer = new MemoryStream();
            var rows = await AnalysisTask.From(task.Content).RunAsync(source, split, answer, cancellationToken);
            answer.Position = 0;
            return new SplitAnswer(answer, rows);
        }
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public void A_node_prints_as_the_text_that_reads_back(string node) => Assert.Equal(ExprParser.Parse(node), ExprParser.Parse(ExprParser.Parse(node).ToString()));

    static Fitting FittingOf(string node) => Fitting.Of(ExprParser.Parse(node));

    static PassState Observed(Analyzer analyzer, Row[] rows)
    {
        var batch = Batch(rows);
        var plan = PlanCompiler.Compile(batch.Schema, analyzer.Numbers, analyzer.Texts);
        var frame = new Frame(plan);
        plan.Bind(frame, batch);
        plan.Run(frame, 0, rows.Length);
        var state = analyzer.Begin();
        state.Observe(new PassRows(frame, [.. plan.Roots.Select(root => root.Register)], plan.TextRoots.AsSpan()));
        return state;
    }

    static ColumnBatch Batch(Row[] rows) => Of(
        Numbers("x", [.. rows.Select(row => (object?)row.X)]),
        Numbers("y", [.. rows.Select(row => (object?)row.Y)]),
        Texts("w", [.. rows.Select(row => row.W)]),
        Integers(FoldedSource.Fold.Name, [.. rows.Select(row => (object?)row.Fold)]));

    static Row[] SomeRows(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => new Row(
            random.Next(6) == 0 ? null : random.NextDouble() * 10 - 3,
            random.Next(6) == 0 ? null : random.Next(4),
            random.Next(6) == 0 ? null : $"w{random.Next(5)}",
            random.Next(FoldSums.Folds))),
    ];

    /// <summary>Sums differ in their last bits by the order of additions.</summary>
    static Expr Rounded(Expr expr) => ExprChildren.WithChildren(expr, Rounded) switch
    {
        NumberExpr number => new NumberExpr(Rounded(number.Value)),
        BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } bucketize =>
            bucketize with { Boundaries = new FixedBoundaries([.. values.Select(Rounded)]) },
        PickExpr pick => pick with { Values = [.. pick.Values.Select(Rounded)] },
        var other => other,
    };

    static double Rounded(double value) =>
        double.Parse(value.ToString("G10", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    sealed record Row(double? X, double? Y, string? W, int Fold);
}
