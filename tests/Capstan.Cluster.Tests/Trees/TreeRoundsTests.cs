using System.Net;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan.Cluster.Tests.Trees;

/// <summary>A coordinator and its workers in this process, over real sockets, without nodes.</summary>
public sealed class TreeRoundsTests : IDisposable
{
    static readonly ChannelOptions Channel = new("0123456789abcdef");
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Category("city", 9)]);
    static readonly Loss Loss = new Loss.Logistic();
    static readonly BoostedTreesOptions Options = new() { Trees = 30, Leaves = 7, Patience = null };

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-trees-");
    readonly FeatureStore _rows = Rows(1);

    public void Dispose()
    {
        _rows.Dispose();
        _folder.Remove();
    }

    static FeatureStore Rows(ulong seed)
    {
        var (random, batch) = (new SeededRandom(seed), new TrainingBatch(Layout));
        batch.Resize(3000);
        for (var row = 0; row < batch.RowCount; row++)
        {
            var (x, y, city) = (random.NextSingle(), random.NextSingle(), random.NextInt32(9));
            (batch.Features.Numeric(0)[row], batch.Features.Numeric(1)[row], batch.Features.Category(0)[row]) = (x, y, city);
            (batch.Labels[row], batch.Weights[row]) = (x * y + city * 5 % 9 * 0.05f + random.NextSingle() * 0.2f > 0.6f ? 1 : 0, 1);
        }

        using var writer = new FeatureStoreWriter(Layout, FeatureStoreOptions.Default);
        writer.Append(batch);
        return writer.Finish();
    }

    sealed class Coordination(string folder, int workers, long epoch, Action<string> published) : ICoordination
    {
        public List<string> Lines { get; } = [];

        public JobDefinition Job { get; } = new("trees-1", TrainingOrder.Kind, "", folder) { Workers = workers };

        public IPAddress Address => IPAddress.Loopback;

        public long Epoch => epoch;

        public bool IsHandedOver => false;

        public Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

        public void Publish(string endpoint) => published(endpoint);

        public void Progress(string text)
        {
        }

        public void Log(string line)
        {
            lock (Lines)
            {
                Lines.Add(line);
            }
        }
    }

    sealed class Place(JobDefinition job, int index, Func<string?> endpoint) : IWorkplace
    {
        public JobDefinition Job => job;

        public int Index => index;

        public string Said { get; private set; } = "";

        public async Task<string> EndpointAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                if (endpoint() is { } found)
                {
                    return found;
                }

                await Task.Delay(5, cancellationToken);
            }
        }

        public void Progress(string text) => Said = text;

        public void Log(string line)
        {
        }
    }

    /// <summary>A supply that tells of each tree that it hands out.</summary>
    sealed class Watched(ITreeSupply supply, Action<int> grown) : ITreeSupply
    {
        int _count;

        public void Begin(BoostedTreesPredictor trees, int count) => supply.Begin(trees, _count = count);

        public TreeEnsemble? Next(CancellationToken cancellationToken)
        {
            var tree = supply.Next(cancellationToken);
            grown(++_count);
            return tree;
        }
    }

    /// <summary>Trains with workers that <paramref name="grown"/> may end.</summary>
    /// <param name="grown">Gets the number of trees, and how to end a worker and begin it again.</param>
    async Task<TrainingResult> TrainAsync(
        int workers, BoostedTreesOptions options, Action<int, Action<int>>? grown = null, Func<int, FeatureStore>? rowsOf = null)
    {
        string? endpoint = null;
        var job = new Coordination(_folder.FullName, workers, 1, found => endpoint = found);
        using var rounds = new TreeRounds(job, Channel);
        var (places, ends) = (new (Task Running, CancellationTokenSource End)[workers], new List<Task>());
        for (var worker = 0; worker < workers; worker++)
        {
            places[worker] = Start(worker);
        }

        try
        {
            var training = new BoostedTreesTraining(TimeProvider.System) { Supply = new Watched(rounds, count => grown?.Invoke(count, Restart)) };
            return await Task.Run(() => training.Run(Loss, _rows, null, options, null, CancellationToken.None));
        }
        finally
        {
            rounds.Dispose();
            Array.ForEach(places, place => place.End.Cancel());
            await Task.WhenAll(ends.Concat(places.Select(place => place.Running)).Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        }

        (Task Running, CancellationTokenSource End) Start(int worker)
        {
            var end = new CancellationTokenSource();
            return (Task.Run(async () =>
            {
                using var place = new TreeWorker(
                    new Place(job.Job, worker, () => endpoint), rowsOf?.Invoke(worker) ?? _rows, Loss, options, Channel, IPAddress.Loopback,
                    TimeProvider.System);
                await place.RunAsync(end.Token);
            }), end);
        }

        void Restart(int worker)
        {
            places[worker].End.Cancel();
            ends.Add(places[worker].Running);
            places[worker] = Start(worker);
        }
    }

    static byte[] Bytes(TrainingResult result) => PredictorCodec.ToBytes(result.Predictor);

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.6)]
    public async Task Whoever_is_lost_the_trees_are_the_ones_of_an_undisturbed_run(double drawn)
    {
        var options = new BoostedTreesOptions { Trees = 70, Leaves = 7, Patience = null, BaggingShare = drawn };
        var undisturbed = await TrainAsync(3, options);

        var disturbed = await TrainAsync(3, options, (grown, restart) =>
        {
            if (grown is 5 or 6 or 40 or 62)
            {
                restart(grown % 3);
            }
        });

        Assert.Equal(70, undisturbed.History.Length);
        Assert.Equal(Bytes(undisturbed), Bytes(disturbed));
    }

    [Fact]
    public async Task One_worker_alone_grows_what_a_machine_would()
    {
        var result = await TrainAsync(1, Options);

        Assert.Equal(30, result.History.Length);
        Assert.True(result.History[^1].TrainingLoss < 0.7 * result.History[0].TrainingLoss);
    }

    [Fact]
    public async Task Workers_that_read_other_data_fail_the_job_with_the_reason()
    {
        using var others = Rows(2);

        var fault = await Assert.ThrowsAsync<JobFailedException>(
            () => TrainAsync(2, Options, rowsOf: worker => worker == 0 ? _rows : others));
        Assert.Contains("do not grow the same trees", fault.Message);
    }

    [Fact]
    public async Task What_LightGBM_refuses_fails_the_job_with_the_reason()
    {
        var options = new BoostedTreesOptions { Trees = 3, Monotone = Options.Monotone.Add("city", Monotonicity.Increasing) };

        Assert.Contains("only numbers have an order", (await Assert.ThrowsAsync<JobFailedException>(() => TrainAsync(2, options))).Message);
    }

    [Fact]
    public void A_coordinator_begins_with_the_checkpoints_of_the_one_before_it()
    {
        var first = TreeCheckpoints.Of(new Coordination(_folder.FullName, 1, 1, _ => { }));
        File.WriteAllText(Path.Combine(first.Folder, "checkpoint-00000001.state"), "kept");

        var third = TreeCheckpoints.Of(new Coordination(_folder.FullName, 1, 3, _ => { }));

        Assert.NotEqual(first.Folder, third.Folder);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(third.Folder, "checkpoint-00000001.state")));
        Assert.Empty(Directory.GetFiles(TreeCheckpoints.Of(new Coordination(_folder.FullName, 1, 2, _ => { })).Folder, "*2.state"));
    }
}
