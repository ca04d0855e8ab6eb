using Capstan.Data;
using Capstan.Parameters;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>What a simulated member costs, in seconds and bytes; measured with <c>benchmarks/run parameters</c>.</summary>
/// <param name="PartSeconds">Computing a part of 128 rows.</param>
/// <param name="PartSpread">The standard deviation of that time's logarithm.</param>
/// <param name="ModelBytes">The dense gradients, and the dense parameters.</param>
/// <param name="RowBytes">The embeddings' gradients of one part's rows.</param>
/// <param name="BytesPerSecond">Through the network of one server, each way.</param>
/// <param name="AddBytesPerSecond">Adding gradients up.</param>
/// <param name="StepSeconds">The optimizer over the whole model.</param>
/// <param name="Latency">One way.</param>
sealed record MemberCosts(
    double PartSeconds, double PartSpread, double ModelBytes, double RowBytes, double BytesPerSecond, double AddBytesPerSecond, double StepSeconds, double Latency);

/// <summary>What a simulation came to.</summary>
/// <param name="RowsPerSecond">Learned.</param>
/// <param name="Staleness">The mean number of batches that others handed in between a pull and its push.</param>
/// <param name="ServerBusy">The share of the time in which the servers' networks were busy.</param>
readonly record struct SimulatedRun(double RowsPerSecond, double Staleness, double ServerBusy);

/// <summary>
/// Discrete events of workers and servers that each have a machine: the dispatchers are those of the real servers, time is made
/// up. Shards are alike, so that one queue stands for all of them.
/// </summary>
sealed class ClusterSimulation
{
    const int PartRows = 128;

    readonly PriorityQueue<Action, (double Time, long Order)> _events = new();
    readonly MemberCosts _costs;
    readonly int _shards;
    readonly int _parts;
    readonly long _steps;
    readonly StepDispatcher? _stepwise;
    readonly IWorkDispatcher _dispatcher;
    readonly SeededRandom _random = new(1);
    readonly Queue<int> _waiting = new();

    // By worker, the work that it had last, and that which it believes to get.
    readonly Dictionary<int, (WorkLease Last, WorkLease Guess)> _beliefs = [];
    double _now;
    double _serverFreeAt;
    double _serverBusy;
    long _order;
    long _version;
    int _received;
    double _staleness;
    long _pushes;

    ClusterSimulation(MemberCosts costs, Consistency consistency, int shards, int parts, long steps, int maxDelay)
    {
        (_costs, _shards, _parts, _steps) = (costs, shards, parts, steps);
        _stepwise = consistency == Consistency.Synchronous ? new StepDispatcher(1) : null;
        var batches = new BatchDispatcher(consistency == Consistency.Bounded ? maxDelay : null, double.MaxValue);
        batches.Begin(new UnitLedger(), steps);
        _stepwise?.Begin(0, parts);
        _dispatcher = (IWorkDispatcher?)_stepwise ?? batches;
    }

    /// <param name="batchParts">Of a batch, parts of 128 rows.</param>
    /// <param name="steps">Batches to learn.</param>
    public static SimulatedRun Run(MemberCosts costs, Consistency consistency, int workers, int shards, int batchParts, long steps, int maxDelay)
    {
        var simulation = new ClusterSimulation(costs, consistency, shards, batchParts, steps, maxDelay);
        for (var worker = 1; worker <= workers; worker++)
        {
            var one = worker;
            simulation.After(costs.Latency, () => simulation.Ask(one));
        }

        while (simulation._version < steps && simulation._events.TryDequeue(out var happen, out var at))
        {
            simulation._now = at.Time;
            happen();
        }

        return new SimulatedRun(
            steps * batchParts * PartRows / simulation._now, simulation._staleness / Math.Max(1, simulation._pushes), simulation._serverBusy / simulation._now);
    }

    void Ask(int worker)
    {
        if (_dispatcher.Take(worker, _now) is not { } lease)
        {
            _waiting.Enqueue(worker);
            return;
        }

        var (parts, seen, leased) = (_stepwise is null ? _parts : lease.PartCount, _version, _now);
        // The parameters come with the work; rows that it was not believed to need are asked for after it.
        var pulled = Serve(_costs.ModelBytes + parts * _costs.RowBytes / 2, 0) + (IsGuessed(worker, lease) ? 1 : 3) * _costs.Latency;
        var computing = parts * _costs.PartSeconds * Math.Exp(_costs.PartSpread * _random.NextNormal());
        At(pulled + computing, () =>
        {
            // A run is summed up by the nodes of the tree that it is made of; of a part's rows half are of categories that another has, too.
            var nodes = _stepwise is null ? 1 : NodesOf(lease);
            var bytes = nodes * _costs.ModelBytes + 0.5 * parts * _costs.RowBytes;
            At(Serve(bytes, bytes / _costs.AddBytesPerSecond) + _costs.Latency, () => Receive(worker, lease, seen, leased));
        });
    }

    void Receive(int worker, WorkLease lease, long seen, double leased)
    {
        _stepwise?.Timed(worker, lease.PartCount, _now - leased);
        (_staleness, _pushes) = (_staleness + (_version - seen), _pushes + 1);
        if (_stepwise is null)
        {
            _dispatcher.Receive(lease, _now);
            _version++;
            Serve(0, _costs.StepSeconds);
            Wake();
        }
        else if (lease.Step == _version)
        {
            _dispatcher.Receive(lease, _now);
            _received += lease.PartCount;
            if (_received >= _parts)
            {
                (_received, _version) = (0, _version + 1);
                _stepwise.Begin(_version, _parts);
                At(Serve(0, _costs.StepSeconds), Wake);
            }
        }

        Ask(worker);
    }

    int NodesOf(in WorkLease lease)
    {
        var (at, end, nodes) = (lease.FirstPart, lease.FirstPart + lease.PartCount, 0);
        while (at < end)
        {
            at += PartTree.NodeAt(at, end, _parts);
            nodes++;
        }

        return nodes;
    }

    bool IsGuessed(int worker, WorkLease lease)
    {
        var last = _beliefs.GetValueOrDefault(worker, (Last: new WorkLease(-1, 0, 0), Guess: new WorkLease(-1, 0, 0)));
        var guess = lease with { Step = lease.Step + (_stepwise is null ? Math.Max(1, lease.Step - last.Last.Step) : 1) };
        _beliefs[worker] = (lease, guess);
        return last.Guess == lease;
    }

    void Wake()
    {
        for (var count = _waiting.Count; count > 0; count--)
        {
            Ask(_waiting.Dequeue());
        }
    }

    /// <summary>Keeps each server busy with its share, after what it is busy with already.</summary>
    double Serve(double bytes, double seconds)
    {
        var busy = (bytes / _costs.BytesPerSecond + seconds) / _shards;
        _serverFreeAt = Math.Max(_serverFreeAt, _now) + busy;
        _serverBusy += busy;
        return _serverFreeAt;
    }

    void After(double seconds, Action happen) => At(_now + seconds, happen);

    void At(double time, Action happen) => _events.Enqueue(happen, (time, _order++));
}
