using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Capstan.Gateway;

namespace Capstan.Cluster;

/// <summary>How replicas are started on machines of a pool.</summary>
/// <param name="Program">On every machine of the pool under the same name.</param>
/// <param name="Address">This machine's address, as the pool's machines reach it.</param>
/// <param name="Folder">Where they run and write their logs; on other machines under the same name.</param>
public sealed record PoolReplicaOptions(ReplicaProgram Program, IPAddress Address, string Folder)
{
    public Resources Needs { get; init; } = Resources.OneProcessor;

    /// <summary>How long a replica may take from when its machine has it until it is there.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the pool may let a replica wait for a machine; nodes that sleep take minutes.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(10);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// Runs replicas on machines of a pool, a lease for each. A replica connects back to this machine, is sent the artifacts that it shall
/// serve, answers its gateway alone, and ends when that connection does: so a lease returns itself when the gateway is killed.
/// Thread-safe.
/// </summary>
public sealed class PoolReplicaHost(IMachinePool pool, PoolReplicaOptions options) : IReplicaHost, IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    readonly ReplicaArrivals _arrivals = new(options.Address, options.Time);

    public async Task<IReplica> StartAsync(ReplicaStart start, CancellationToken cancellationToken)
    {
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var folder = Directory.CreateDirectory(options.Folder).FullName;
        var log = Path.Combine(folder, $"{start.Group}-{id}.log");
        var arrival = _arrivals.Expect(id, start.Token);
        MachineLease? lease = null;
        try
        {
            lease = await pool.TryLeaseAsync(RequestOf(start, id, folder, log), cancellationToken)
                ?? throw new ReplicaStartException($"all places of the pool '{pool.Name}' are taken.");
            return new PoolReplica(await ArriveAsync(arrival.Task, lease.Value, log, cancellationToken), pool, lease.Value, log);
        }
        catch (Exception problem)
        {
            await _arrivals.ForgetAsync(id, arrival);
            if (lease is { } given)
            {
                await pool.ReturnAsync(given, CancellationToken.None);
            }

            throw problem is PoolException ? new ReplicaStartException(problem.Message, problem) : problem;
        }
    }

    public ValueTask DisposeAsync() => _arrivals.DisposeAsync();

    MachineRequest RequestOf(ReplicaStart start, string id, string folder, string log)
    {
        var (program, arguments) = options.Program;
        string[] own = ["--host", pool.IsRemote ? "0.0.0.0" : "127.0.0.1", "--port", "0", "--attach", $"{_arrivals.EndPoint}/{id}"];
        return new MachineRequest(
            $"replica-{start.Group.Replace('.', '-')}", [program, .. arguments, .. own],
            ImmutableDictionary<string, string>.Empty.Add(ReplicaStart.TokenVariable, start.Token), folder, log)
        {
            Needs = options.Needs, IsBare = true,
        };
    }

    /// <summary>Waits for the replica's connection, as long as its lease gives hope.</summary>
    async Task<ReplicaConnection> ArriveAsync(
        Task<ReplicaConnection> arrival, MachineLease lease, string log, CancellationToken cancellationToken)
    {
        var (leased, began) = (options.Time.GetTimestamp(), (long?)null);
        while (true)
        {
            try
            {
                return await arrival.WaitAsync(LookEvery, options.Time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Then see how its lease stands.
            }

            var state = await pool.LookAsync(lease, cancellationToken);
            began ??= state == LeaseState.Waiting ? null : options.Time.GetTimestamp();
            var isLate = began is { } running
                ? options.Time.GetElapsedTime(running) > options.Patience
                : options.Time.GetElapsedTime(leased) > options.LongestWait;
            if (state == LeaseState.Ended && !arrival.IsCompleted)
            {
                throw new ReplicaStartException($"it ended on its machine ({lease}) before it was there: {EndOf(log)}");
            }

            if (isLate)
            {
                throw new ReplicaStartException(began is null
                    ? $"the pool '{pool.Name}' gave it no machine within {options.LongestWait.TotalMinutes:0.#} minutes ({lease})."
                    : $"it has not connected to {_arrivals.EndPoint} within {options.Patience.TotalSeconds:0} s ({lease}). Can its " +
                        $"machine reach that address? {EndOf(log)}");
            }
        }
    }

    static string EndOf(string log)
    {
        try
        {
            var text = File.ReadAllText(log).Trim();
            return text.Length > 500 ? $"…{text[^500..]}" : text;
        }
        catch (IOException)
        {
            return $"its log, {log}, is not here.";
        }
    }
}
