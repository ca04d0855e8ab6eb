using System.Collections.Immutable;

namespace Capstan.Cluster.Tests;

/// <summary>What every pool promises.</summary>
[Collection(nameof(SlurmCluster))]
public sealed class PoolConformance : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-pool-");

    public static TheoryData<string> Pools => ["local", "slurm:fixed", "slurm:elastic"];

    IMachinePool Pool(string name)
    {
        if (name.StartsWith("slurm", StringComparison.Ordinal))
        {
            _ = SlurmCluster.Shared;
        }

        return MachinePools.Parse(name, Path.Combine(_folder.FullName, "leases"));
    }

    string Log => Path.Combine(_folder.FullName, "log");

    MachineRequest Shell(string script) => new(
        "conformance", ["sh", "-c", script], ImmutableDictionary<string, string>.Empty.Add("CAPSTAN_WORD", "it's a \"word\""), _folder.FullName, Log);

    static async Task EndedAsync(IMachinePool pool, MachineLease lease) => await Waiting.UntilAsync(
        $"{lease} ended", async () => await pool.LookAsync(lease, CancellationToken.None) == LeaseState.Ended);

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task A_command_runs_in_its_folder_with_its_variables_and_its_output_is_kept(string name)
    {
        var pool = Pool(name);

        var lease = await pool.TryLeaseAsync(Shell("pwd; echo \"$CAPSTAN_WORD\"; echo wrong >&2"), CancellationToken.None);

        await EndedAsync(pool, lease!.Value);
        Assert.Equal([_folder.FullName, "it's a \"word\"", "wrong"], File.ReadAllLines(Log));
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task What_is_returned_ends_with_all_that_it_started(string name)
    {
        var pool = Pool(name);
        var lease = await pool.TryLeaseAsync(Shell("sleep 1000 & echo $!; wait"), CancellationToken.None);
        await Waiting.UntilAsync("started", async () => await Task.FromResult(File.Exists(Log) && File.ReadAllLines(Log).Length == 1));
        Assert.Equal(LeaseState.Running, await pool.LookAsync(lease!.Value, CancellationToken.None));
        var child = int.Parse(File.ReadAllLines(Log)[0]);

        await pool.ReturnAsync(lease.Value, CancellationToken.None);

        await EndedAsync(pool, lease.Value);
        await Waiting.UntilAsync("its child ended", () => Task.FromResult(ProcessStart.Of(child) is null));
        await pool.ReturnAsync(lease.Value, CancellationToken.None);
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task A_lease_that_never_was_has_ended(string name)
    {
        var pool = Pool(name);
        var never = new MachineLease(pool.Name, name == "local" ? "1-1" : "999999");

        Assert.Equal(LeaseState.Ended, await pool.LookAsync(never, CancellationToken.None));
        await pool.ReturnAsync(never, CancellationToken.None);
    }

    [Fact]
    public async Task The_places_of_this_machine_are_counted_by_all_who_use_them_and_are_free_again_when_a_command_ends()
    {
        var (first, second) = (Pool("local:1"), Pool("local:1"));
        var lease = await first.TryLeaseAsync(Shell("echo started; sleep 1000"), CancellationToken.None);

        Assert.Null(await second.TryLeaseAsync(Shell("true"), CancellationToken.None));
        // A command that has not begun has no group of processes yet, which a signal could reach.
        await Waiting.UntilAsync("started", () => Task.FromResult(File.Exists(Log) && File.ReadAllLines(Log).Length == 1));
        Signals.SendToGroup(int.Parse(lease!.Value.Id.Split('-')[0]), Signals.Kill);
        await EndedAsync(first, lease.Value);
        var next = await second.TryLeaseAsync(Shell("true"), CancellationToken.None);
        Assert.NotNull(next);
        await EndedAsync(second, next.Value); // it writes into the folder that is about to go
    }

    [Theory]
    [InlineData("cloud")]
    [InlineData("local:0")]
    [InlineData("slurm:")]
    public void A_pool_that_there_is_not_is_refused(string name) => Assert.Contains(
        MachinePools.Words, Assert.Throws<ArgumentException>(() => MachinePools.Parse(name, "x")).Message);

    public void Dispose() => _folder.Remove();
}
