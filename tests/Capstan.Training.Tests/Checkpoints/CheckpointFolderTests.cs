using System.Formats.Cbor;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training.Tests.Learning;

namespace Capstan.Training.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(2, 5, 3);
    static readonly TrainingOptions Options = new() { Epochs = 4, BatchSize = 30, Patience = 2 };
    static readonly TrainingIdentity Identity = IdentityOf(("seed", "1"), ("data", "trips.csv"), ("pipeline.estimator.epochs", "4"));

    // 200 rows are seven batches, the last one short.
    readonly FeatureStore _train = Rows(200, 1);
    readonly FeatureStore _validation = Rows(50, 2);
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-checkpoints-").FullName;
    readonly List<string> _notices = [];

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public enum Kind
    {
        Linear,
        Adam,
        Adagrad,
        WideDeep,
        Sgd,
        Softmax,
        Shares,
        Median,
    }

    [Theory]
    [InlineData(Kind.Linear)]
    [InlineData(Kind.Adam)]
    [InlineData(Kind.Adagrad)]
    [InlineData(Kind.WideDeep)]
    [InlineData(Kind.Sgd)]
    [InlineData(Kind.Softmax)]
    [InlineData(Kind.Shares)]
    [InlineData(Kind.Median)]
    public void A_training_stopped_after_any_batch_goes_on_to_the_same_bits(Kind kind)
    {
        var whole = Run(Learner(kind), null);
        var undisturbed = Bits(whole);
        for (var stopAfter = 1; stopAfter + 2 < 7 * whole.History.Length; stopAfter += 3)
        {
            Interrupt(kind, stopAfter);
            Interrupt(kind, 2);
            using var checkpoints = Open(Identity);
            Assert.Equal(undisturbed, Bits(Run(Learner(kind), checkpoints)));
            Assert.Contains(_notices, notice => notice.Contains("training goes on from the checkpoint"));
            checkpoints.Clear();
        }
    }

    [Fact]
    public void A_training_that_had_ended_is_taken_over_without_learning_again()
    {
        using (var checkpoints = Open(Identity))
        {
            Run(Learner(Kind.Adam), checkpoints);
        }

        using var again = Open(Identity);
        var reports = new ReportLog();
        var result = Run(Learner(Kind.Adam), again, reports);
        Assert.Equal(Bits(Run(Learner(Kind.Adam), null)), Bits(result));
        Assert.Empty(reports);
        Assert.Contains("had come to its end", _notices.Last());
    }

    [Fact]
    public void Another_unfinished_training_is_refused_by_the_names_of_what_differs()
    {
        Interrupt(Kind.Linear, 5);
        var refusal = Assert.Throws<CheckpointRefusedException>(
            () => Open(IdentityOf(("seed", "2"), ("data", "trips.csv"), ("pipeline.estimator.epochs", "4"), ("pipeline.weight", "\"w\""))));
        Assert.Contains("seed is 1 there and 2 here", refusal.Message);
        Assert.Contains("pipeline.weight is not set there and \"w\" here", refusal.Message);
        Assert.DoesNotContain("trips.csv", refusal.Message);
        Assert.Equal(2, Files().Length);
    }

    [Fact]
    public void Another_finished_training_makes_room()
    {
        using (var checkpoints = Open(Identity))
        {
            Run(Learner(Kind.Linear), checkpoints);
        }

        using var other = Open(IdentityOf(("seed", "2")));
        Assert.Empty(Files());
    }

    [Fact]
    public void A_folder_serves_one_training_at_a_time()
    {
        using var first = Open(Identity);
        var refusal = Assert.Throws<CheckpointRefusedException>(() => Open(Identity));
        Assert.Contains("another training uses the folder", refusal.Message);
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("foreign")]
    public void A_damaged_checkpoint_gives_way_to_the_one_before_it(string damage)
    {
        Interrupt(Kind.Adam, 10);
        Damage(Files()[^1], damage);
        using var checkpoints = Open(Identity);
        Assert.Equal(Bits(Run(Learner(Kind.Adam), null)), Bits(Run(Learner(Kind.Adam), checkpoints)));
        Assert.Contains("checkpoint-00000009.state' is damaged and passed over", _notices[0]);
        Assert.Contains("after 2 batches of epoch 2", _notices[1]);
    }

    [Fact]
    public void Without_any_whole_checkpoint_training_begins_anew_and_says_so()
    {
        Interrupt(Kind.Adam, 10);
        Assert.All(Files(), file => Damage(file, "truncated"));
        using var checkpoints = Open(Identity);
        Assert.Equal(Bits(Run(Learner(Kind.Adam), null)), Bits(Run(Learner(Kind.Adam), checkpoints)));
        Assert.Contains("training begins anew", _notices[2]);
    }

    [Fact]
    public void Every_damaged_byte_is_noticed()
    {
        Interrupt(Kind.Linear, 2);
        var bytes = File.ReadAllBytes(Files()[^1]);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x10;
            Assert.Throws<Data.CorruptStateException>(() => CheckpointReader.Open(new MemoryStream(damaged)));
        }
    }

    [Fact]
    public void A_full_disk_is_said_once_and_training_goes_on()
    {
        using var checkpoints = new CheckpointFolder(
            new CheckpointOptions(_folder) { EveryBatches = 1 }, Identity, TimeProvider.System, _notices.Add,
            path => new FullDisk(path, 500));
        Assert.Equal(Bits(Run(Learner(Kind.Adam), null)), Bits(Run(Learner(Kind.Adam), checkpoints)));
        Assert.Contains("No space left on device", Assert.Single(_notices));
        Assert.Empty(Directory.EnumerateFiles(_folder, "checkpoint*"));
    }

    [Fact]
    public void By_time_a_checkpoint_is_kept_when_the_clock_says_so()
    {
        var clock = new ManualClock();
        using var checkpoints = new CheckpointFolder(
            new CheckpointOptions(_folder) { Every = TimeSpan.FromSeconds(10) }, Identity, clock, _notices.Add);
        var run = new TrainingRun(Learner(Kind.Linear), Layout, 0);
        checkpoints.SaveIfDue(run);
        clock.Advance(TimeSpan.FromSeconds(9));
        checkpoints.SaveIfDue(run);
        Assert.Empty(Files());
        clock.Advance(TimeSpan.FromSeconds(1));
        checkpoints.SaveIfDue(run);
        checkpoints.SaveIfDue(run);
        Assert.Single(Files());
    }

    [Fact]
    public void A_learner_without_a_state_is_refused_by_name()
    {
        using var checkpoints = Open(Identity);
        var refusal = Assert.Throws<CheckpointRefusedException>(() => Run(new ScriptedLearner(Layout, _ => 1, 1), checkpoints));
        Assert.Contains("ScriptedLearner has no state that can be stored", refusal.Message);
    }

    [Fact]
    public void A_state_of_another_learner_is_refused_and_not_half_taken_over()
    {
        Interrupt(Kind.Adam, 5);
        using var checkpoints = Open(Identity);
        var refusal = Assert.Throws<CheckpointRefusedException>(() => Run(Learner(Kind.Linear), checkpoints));
        Assert.Contains("is of another learner", refusal.Message);
    }

    [Fact]
    public void A_training_that_diverged_leaves_nothing_to_go_on_from()
    {
        var learner = new Diverging(Learner(Kind.Adam));
        using var checkpoints = Open(Identity);
        Assert.Throws<TrainingDivergedException>(() => Run(learner, checkpoints));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_stream_goes_on_where_it_was()
    {
        var undisturbed = Bits(await StreamAsync(null, int.MaxValue));
        using (var checkpoints = Open(Identity))
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => StreamAsync(checkpoints, 4));
        }

        using (var checkpoints = Open(Identity))
        {
            Assert.Equal(undisturbed, Bits(await StreamAsync(checkpoints, int.MaxValue)));
        }

        using var again = Open(Identity);
        Assert.Equal(undisturbed, Bits(await StreamAsync(again, int.MaxValue)));
        Assert.Equal(2, _notices.Count);
    }

    static TrainingIdentity IdentityOf(params (string Name, string Value)[] parts) =>
        new(parts.Select(part => KeyValuePair.Create(part.Name, part.Value)));

    static FeatureStore Rows(int count, int seed)
    {
        var random = new Random(seed);
        return ExampleRows.Store(ExampleRows.Random(Layout, count, random, _ => random.Next(2), _ => random.Next(1, 3)));
    }

    static IResumableLearner Learner(Kind kind) => kind switch
    {
        Kind.Linear => new FtrlLearner(new Loss.Logistic(), Layout, new LabelMoments(2, 2, 0.5, 0.5), LinearOptions.Default),
        Kind.Softmax => new SoftmaxFtrlLearner(new Loss.Softmax(3), Layout, LinearOptions.Default),
        Kind.Shares => new BaselineLearner(new Loss.Softmax(3), Layout),
        Kind.Median => new BaselineLearner(new Loss.Absolute(), Layout),
        _ => new DnnLearner(
            new Loss.Logistic(), Layout,
            new DnnOptions
            {
                HiddenUnits = [4], DecaySteps = 20,
                Optimizer = kind switch
                {
                    Kind.Adagrad => NetworkOptimizer.Adagrad,
                    Kind.Sgd => NetworkOptimizer.Sgd,
                    _ => NetworkOptimizer.Adam,
                },
                // Masks go on where they were.
                Dropout = kind == Kind.Sgd ? 0.3 : 0,
                Wide = kind == Kind.WideDeep ? new WideOptions { Numerics = true } : null,
            },
            LabelScaling.Identity),
    };

    CheckpointFolder Open(TrainingIdentity identity) =>
        new(new CheckpointOptions(_folder) { EveryBatches = 1 }, identity, TimeProvider.System, _notices.Add);

    string[] Files() => [.. Directory.EnumerateFiles(_folder, "checkpoint*").Order(StringComparer.Ordinal)];

    TrainingResult Run(ILearner learner, CheckpointFolder? checkpoints, ReportLog? reports = null) =>
        new TrainingLoop(TimeProvider.System) { Checkpoints = checkpoints }
            .Run(learner, _train, _validation, Options, reports, CancellationToken.None);

    /// <summary>Trains so many batches, from the start or from a checkpoint, and stops as a killed process does.</summary>
    void Interrupt(Kind kind, int batches)
    {
        using var checkpoints = Open(Identity);
        using var cancelling = new CancellationTokenSource();
        var learner = new Counting(Learner(kind), () => batches-- == 0, cancelling);
        Assert.Throws<OperationCanceledException>(() => new TrainingLoop(TimeProvider.System) { Checkpoints = checkpoints }
            .Run(learner, _train, _validation, Options, null, cancelling.Token));
    }

    async Task<TrainingResult> StreamAsync(CheckpointFolder? checkpoints, int batches)
    {
        using var cancelling = new CancellationTokenSource();
        var learner = new Counting(Learner(Kind.Adam), () => batches-- == 0, cancelling);
        return await new TrainingLoop(TimeProvider.System) { Checkpoints = checkpoints }.RunOnceAsync(
            learner, _train.Rows(30).ToAsyncEnumerable(), _validation, Options, null, null, cancelling.Token);
    }

    static string Bits(TrainingResult result)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, result.Predictor);
        return $"{Convert.ToHexString(writer.Encode())} {result.BestEpochNumber} {result.StopReason} {string.Join(", ", result.History)}";
    }

    static void Damage(string file, string damage)
    {
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, damage switch
        {
            "truncated" => bytes[..^100],
            "flipped" => [.. bytes[..200], (byte)(bytes[200] ^ 1), .. bytes[201..]],
            "empty" => [],
            _ => [.. "CAPSCKP2"u8, .. bytes[8..]],
        });
    }
}
