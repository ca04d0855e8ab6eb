namespace Capstan.Gateway.Tests.Fleet;

public sealed class LocalReplicaHostTests
{
    // A program that does nothing itself, but has another one compute until it is told to end, as an imported model may.
    const string WithChild = """echo http://127.0.0.1:9/; sh -c 'while :; do :; done' & read -r line; kill $!; wait $!; read -r line""";

    [Fact]
    public async Task What_a_replica_uses_is_what_its_processes_use()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // There the replica's own time is all that is seen.
        }

        await using var replica = await new LocalReplicaHost(new ReplicaProgram("/bin/sh", "-c", WithChild)).StartAsync(
            new ReplicaStart("m", "token"), CancellationToken.None);
        var last = TimeSpan.Zero;
        while (last < TimeSpan.FromSeconds(0.3))
        {
            var used = replica.ProcessorTime!.Value; // It runs until it is told to end.
            Assert.True(used >= last);
            last = used;
            await Task.Delay(10);
        }
    }

    [Fact]
    public async Task What_a_process_used_that_has_ended_still_counts()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // The child ends by itself, and is waited for, before the address is told.
        const string AfterChild = """sh -c 'n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done'; echo http://127.0.0.1:9/; read -r line""";
        await using var replica = await new LocalReplicaHost(new ReplicaProgram("/bin/sh", "-c", AfterChild)).StartAsync(
            new ReplicaStart("m", "token"), CancellationToken.None);
        Assert.True(replica.ProcessorTime > TimeSpan.FromSeconds(0.02));
    }

    [Fact]
    public async Task A_replica_that_has_ended_uses_nothing_that_can_be_seen()
    {
        await using var replica = await new LocalReplicaHost(new ReplicaProgram("/bin/sh", "-c", "echo http://127.0.0.1:9/")).StartAsync(
            new ReplicaStart("m", "token"), CancellationToken.None);
        await replica.Exited;
        Assert.Null(replica.ProcessorTime);
    }
}
