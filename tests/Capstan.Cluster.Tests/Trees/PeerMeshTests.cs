using System.Net;
using System.Runtime.InteropServices;
using Capstan.Parameters;
using Capstan.Training.Trees;

namespace Capstan.Cluster.Tests.Trees;

public sealed class PeerMeshTests
{
    const string Job = "trees-1";

    static readonly ChannelOptions Options = new("0123456789abcdef");

    /// <summary>Lets each peer of a mesh do something on a thread of its own.</summary>
    static void All(int count, Action<PeerMesh> act, ChannelOptions? options = null)
    {
        var doors = Enumerable.Range(0, count).Select(_ => new PeerDoor(Job, options ?? Options, IPAddress.Loopback)).ToArray();
        var faults = new Exception?[count];
        var threads = doors.Select((door, rank) => new Thread(() =>
        {
            try
            {
                using var mesh = PeerMesh.Join(
                    Job, 1, rank, [.. doors.Select(each => each.Address)], door, options ?? Options, TimeProvider.System);
                act(mesh);
            }
            catch (Exception fault) // the edge of a thread
            {
                faults[rank] = fault;
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(doors, door => door.Dispose());
        Assert.All(faults, Assert.Null);
    }

    // What one sends to another is known to both.
    static byte Value(int from, int to, int index) => (byte)(from * 31 + to * 7 + index);

    static void Exchange(PeerMesh mesh, int length)
    {
        var (sent, received) = (new PeerPart[mesh.Count], new PeerPart[mesh.Count]);
        for (var peer = 0; peer < mesh.Count; peer++)
        {
            sent[peer] = Part(length + peer, index => Value(mesh.Rank, peer, index));
            received[peer] = Part(length + mesh.Rank, _ => 0);
        }

        mesh.Exchange(sent, received);
        for (var other = 0; other < mesh.Count; other++)
        {
            var peer = other;
            if (peer != mesh.Rank)
            {
                var expected = Part(length + mesh.Rank, index => Value(peer, mesh.Rank, index));
                Assert.True(received[peer].Bytes.SequenceEqual(expected.Bytes), $"what {peer} sent to {mesh.Rank} came otherwise");
            }
        }
    }

    static PeerPart Part(int length, Func<int, byte> value)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, length), pinned: true);
        for (var index = 0; index < length; index++)
        {
            bytes[index] = value(index);
        }

        Kept.Add(bytes);
        return new PeerPart(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), length);
    }

    // Pinned memory lives as long as somebody knows of it.
    static readonly System.Collections.Concurrent.ConcurrentBag<byte[]> Kept = [];

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Everybody_gets_what_each_other_sends_whether_it_is_small_or_large(int count) => All(count, mesh =>
    {
        // The larger ones exceed what sockets hold, so that two that only sent would wait for ever.
        foreach (var length in new[] { 0, 1, 100, 8192, 8193, 1 << 20, 7_000_000, 3 })
        {
            Exchange(mesh, length);
        }
    });

    [Fact]
    public void Under_TLS_as_well() => All(
        3,
        mesh =>
        {
            Exchange(mesh, 50);
            Exchange(mesh, 300_000);
        },
        Options with { Certificate = Certificates.Create("trees").Own });

    [Fact]
    public void When_one_hangs_up_the_others_hear_of_it_in_their_next_exchange() => All(3, mesh =>
    {
        Exchange(mesh, 100_000);
        if (mesh.Rank == 2)
        {
            mesh.Dispose();
        }

        Assert.Throws<PeerLostException>(() => Exchange(mesh, 100_000));
    });

    [Fact]
    public void Disposing_from_another_thread_ends_an_exchange_that_waits() => All(2, mesh =>
    {
        if (mesh.Rank == 0)
        {
            var hangingUp = new Thread(mesh.Dispose);
            hangingUp.Start();
            Assert.Throws<PeerLostException>(() => Exchange(mesh, 10));
            hangingUp.Join();
        }
    });

    [Fact]
    public void Who_does_not_hold_the_token_or_comes_for_another_job_is_not_let_in()
    {
        using var door = new PeerDoor(Job, Options, IPAddress.Loopback);
        Assert.Throws<ChannelException>(() => Channel.Connect(door.Address, new ChannelOptions("another token, long enough")));
        using (var channel = Channel.Connect(door.Address, Options))
        {
            channel.Out.WriteText("trees-2");
            channel.Send(Operation.TreesPeer, FrameStatus.Ok, 1, 0, 1);
            Assert.Throws<ChannelException>(() => channel.Receive());
        }

        Assert.Throws<PeerLostException>(() => door.Await(1, 1, TimeSpan.FromMilliseconds(1), TimeProvider.System));
    }

    [Fact]
    public void Who_comes_for_a_later_round_waits_for_it_and_who_comes_for_an_earlier_one_is_sent_away()
    {
        using var door = new PeerDoor(Job, Options, IPAddress.Loopback);
        using var later = Knock(door, 7);
        Assert.NotNull(door.Await(1, 7, Waiting.Patience, TimeProvider.System));
        using var earlier = Knock(door, 6);

        Assert.Throws<ChannelException>(() => earlier.Receive());
        door.Close(7);
        Assert.Throws<ChannelException>(() => later.Receive());
    }

    static Channel Knock(PeerDoor door, long round)
    {
        var channel = Channel.Connect(door.Address, Options);
        channel.AwaitForEver();
        channel.Out.WriteText(Job);
        channel.Send(Operation.TreesPeer, FrameStatus.Ok, 1, 0, round);
        return channel;
    }
}
