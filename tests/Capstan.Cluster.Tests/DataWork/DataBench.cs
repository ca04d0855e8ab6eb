using System.Collections.Immutable;
using System.Net;
using Capstan.Parameters;

namespace Capstan.Cluster.Tests;

/// <summary>
/// A folder with data, and jobs over it done by members in this process: the code of nodes without the nodes, so that 16 of them fit into a test.
/// </summary>
sealed class DataBench : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-data-work-");
    readonly NodeOptions _options;
    readonly Lazy<ParameterServer> _server;

    public DataBench(int files = 11, int rowsPerFile = 250)
    {
        _options = new NodeOptions { Database = ClusterDatabase.Parse($"sqlite:{At("cluster.db")}"), Token = JoinToken.Create() };
        _server = new(() => ParameterServer.Start(MemberChannel.Of(_options), IPAddress.Loopback, 0, TimeProvider.System));
        Directory.CreateDirectory(At("data"));
        var random = new Random(7);
        for (var file = 0; file < files; file++)
        {
            File.WriteAllLines(At($"data/part-{file:D2}.csv"), ["fare,distance,vendor,note,pickup", .. Enumerable.Range(0, rowsPerFile).Select(_ => Row(random))]);
        }
    }

    public static ImmutableArray<string> Data => ["data/*.csv"];

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public DataOrder Order(DataAction action) => new(action, Data) { Folder = _folder.FullName };

    /// <summary>The same rows, for this process alone.</summary>
    public Dataset Rows() => Order(DataAction.Describe).Dataset();

    public JobDefinition Job(string kind, string work, int workers, string id = "job")
    {
        Directory.CreateDirectory(At(id));
        return new JobDefinition(id, kind, work, At(id)) { Workers = workers };
    }

    public JobDefinition Job(DataOrder order, int workers, string id = "job") => Job(DataOrder.Kind, order.Write(), workers, id);

    /// <summary>Runs a job to its end with all its workers.</summary>
    public Task<string> RunAsync(JobDefinition job) => RunAsync(job, (_, _) => Task.CompletedTask, CancellationToken.None);

    /// <param name="meddle">Something that happens meanwhile; may end workers by their tokens.</param>
    /// <param name="told">Gets what the job says, which goes on when this is done with it; may end all, or workers.</param>
    public async Task<string> RunAsync(
        JobDefinition job, Func<Coordination, CancellationTokenSource[], Task> meddle, CancellationToken cancellationToken, Func<int, JobDefinition>? seenBy = null,
        Action<string, CancellationTokenSource, CancellationTokenSource[]>? told = null)
    {
        var work = JobWorks.Of(_options, TimeProvider.System).First(work => work.Kind == job.Kind);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ends = Enumerable.Range(0, job.Workers).Select(_ => CancellationTokenSource.CreateLinkedTokenSource(over.Token)).ToArray();
        var coordination = new Coordination(job, job.ParameterServers > 0 ? [_server.Value.Address.ToString()] : [], text => told?.Invoke(text, over, ends));
        var workers = ends.Select((end, index) => Task.Run(async () =>
        {
            try
            {
                await work.WorkAsync(new Workplace(coordination, seenBy?.Invoke(index) ?? job, index), end.Token);
            }
            catch (Exception) when (end.IsCancellationRequested)
            {
                // However it was interrupted.
            }
        })).ToArray();
        try
        {
            var coordinated = work.CoordinateAsync(coordination, over.Token);
            await meddle(coordination, ends);
            return await coordinated;
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(workers);
        }
    }

    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }

        _folder.Remove();
    }

    static string Row(Random random)
    {
        var distance = random.Next(8) == 0 ? "" : FormattableString.Invariant($"{random.NextDouble() * 20:F3}");
        var fare = random.Next(50) == 0 ? "" : FormattableString.Invariant($"{3 + random.NextDouble() * 60:F2}");
        var note = random.Next(6) == 0 ? "" : $"note {(int)(random.NextDouble() * random.NextDouble() * 4000)}";
        var vendor = new[] { "CMT", "VTS", "日本", "", "a \"\"b\"\", c" }[random.Next(5)];
        return $"{fare},{distance},\"{vendor}\",{note},2024-0{random.Next(1, 10)}-1{random.Next(10)} 0{random.Next(10)}:30:00";
    }

    /// <summary>What a coordinator has at hand, without a database.</summary>
    public sealed class Coordination(JobDefinition job, IReadOnlyList<string> servers, Action<string> told) : ICoordination
    {
        readonly List<string> _said = [];
        readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        volatile string _last = "";

        public JobDefinition Job => job;

        public IPAddress Address => IPAddress.Loopback;

        public long Epoch => 1;

        public bool IsHandedOver => false;

        /// <summary>So far.</summary>
        public string[] Said
        {
            get
            {
                lock (_said)
                {
                    return [.. _said];
                }
            }
        }

        /// <summary>The latest, once there is one.</summary>
        public async Task<string> EndpointAsync(CancellationToken cancellationToken)
        {
            await _first.Task.WaitAsync(cancellationToken);
            return _last;
        }

        public Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken) => Task.FromResult(servers);

        public void Publish(string endpoint)
        {
            _last = endpoint;
            _first.TrySetResult(endpoint);
        }

        public void Progress(string text)
        {
            lock (_said)
            {
                _said.Add(text);
            }

            told(text);
        }

        public void Log(string line) => Progress(line);
    }

    sealed class Workplace(Coordination coordination, JobDefinition job, int index) : IWorkplace
    {
        public JobDefinition Job => job;

        public int Index => index;

        public Task<string> EndpointAsync(CancellationToken cancellationToken) => coordination.EndpointAsync(cancellationToken);

        public void Progress(string text) => Log(text);

        public void Log(string line) => coordination.Progress($"worker-{index}: {line}");
    }
}
