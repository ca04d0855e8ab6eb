using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Capstan.Features;
using Capstan.Tests.Support;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

public sealed class ChannelTests
{
    static readonly ChannelOptions Options = LocalMembers.Options;

    [Fact]
    public void A_wrong_token_is_refused_by_whoever_knows_the_right_one()
    {
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        Assert.Throws<ChannelException>(() => Channel.Connect(server.Address, Options with { Token = "another" }));
        AwaitRefused(server, 1);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(5000)]
    public void Garbage_drops_its_connection_and_nothing_else(int length)
    {
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        using var well = Channel.Connect(server.Address, Options);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Connect(IPAddress.Loopback, server.Address.Port);
            socket.Send(RandomNumberGenerator.GetBytes(length));
            socket.Shutdown(SocketShutdown.Send);
            var answer = new byte[4096];
            while (Received(socket, answer) > 0)
            {
            }
        }

        AwaitRefused(server, 1);
        ServerTalk.Join(well, "job", "well");
    }

    [Fact]
    public void A_frame_that_claims_100_GB_is_refused_before_anything_is_allocated()
    {
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        var least = long.MaxValue;
        for (var attempt = 1; attempt <= 50 && least > 10_000_000; attempt++)
        {
            // Other tests of this process allocate meanwhile, but not each time.
            using var channel = Channel.Connect(server.Address, Options);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            channel.SendBegin(Operation.Push, FrameStatus.Ok, 0, 1, 0, 100_000_000_000);
            Assert.Throws<ChannelException>(() => channel.Receive());
            AwaitRefused(server, attempt);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.InRange(least, 0, 10_000_000);
    }

    [Fact]
    public void Pulling_and_pushing_allocate_nothing_once_buffers_have_grown()
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Category("key", 10_000)]);
        var job = new TrainingJob(
            "still", new Loss.Logistic(), layout, new LearnerDefinition.Linear(new LinearOptions(), 0, 1),
            new TrainingOptions { BatchSize = 100 }, 1_000_000) { Consistency = Consistency.Asynchronous };
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        using (var talk = new ServerTalk(server.Address, job.Id, Options))
        {
            talk.Open(job, 0, 1, null);
            talk.Configure(0, 1, true, [], new HashSet<ServerAddress>());
            talk.Grant(0, 1, 1_000_000, 0);
        }

        using var replica = Replica.Of(job, 1);
        using var client = new ParameterClient(job, new ShardMap(1, [new ShardPlacement(server.Address, [])]), replica, Options, "worker");
        var (needs, batch, random) = (new TableRows(replica), new TrainingBatch(layout), new Data.SeededRandom(1));
        var push = replica.PushThrough(client, needs);
        batch.Resize(100);
        for (var row = 0; row < 100; row++)
        {
            (batch.Features.Category(0)[row], batch.Weights[row]) = (random.NextInt32(10_000), 1);
        }

        var step = 0L;
        for (var warming = 0; warming < 200; warming++)
        {
            Step();
        }

        Assert.Equal(0, Allocations.Of(Step, 50));

        void Step()
        {
            needs.Set(batch, 0, 100);
            client.Pull(-1, needs);
            push.Whole(batch, step);
            client.Push(step++);
        }
    }

    [Fact]
    public void A_frame_with_another_mark_drops_the_connection()
    {
        using var server = ParameterServer.Start(Options, IPAddress.Loopback, 0, TimeProvider.System);
        using var channel = Channel.Connect(server.Address, Options);
        var head = new byte[FrameHeader.Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0xDEADBEEF);
        channel.SendMore(head);
        Assert.Throws<ChannelException>(() => channel.Receive());
        AwaitRefused(server, 1);
    }

    [Fact]
    public void With_a_certificate_members_talk_to_their_like_alone()
    {
        using var own = Certificate("cluster");
        using var other = Certificate("somebody");
        var secure = Options with { Certificate = own };
        using var server = ParameterServer.Start(secure, IPAddress.Loopback, 0, TimeProvider.System);
        using var well = Channel.Connect(server.Address, secure);
        ServerTalk.Join(well, "job", "well");
        Assert.Throws<ChannelException>(() => Channel.Connect(server.Address, secure with { Certificate = other }));
        Assert.Throws<ChannelException>(() => Channel.Connect(server.Address, Options with { ReplyTimeout = TimeSpan.FromSeconds(1) }));
        ServerTalk.Join(well, "job", "still well");
    }

    [Fact]
    public void Nobody_there_is_said_with_the_address()
    {
        // Held by one who does not listen, so that nobody else comes to be there.
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)held.LocalEndPoint!).Port; // it is bound

        var problem = Assert.Throws<ChannelException>(() => Channel.Connect(new ServerAddress("127.0.0.1", port), Options));
        Assert.Contains($"127.0.0.1:{port}", problem.Message);
    }

    static X509Certificate2 Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    static int Received(Socket socket, byte[] answer)
    {
        try
        {
            return socket.Receive(answer);
        }
        catch (SocketException)
        {
            return 0; // reset: dropped all the same
        }
    }

    /// <summary>The server counts after it has closed the connection, on another thread.</summary>
    static void AwaitRefused(ParameterServer server, long count) =>
        Assert.True(SpinWait.SpinUntil(() => server.RefusedConnections >= count, Waiting.Patience), $"{server.RefusedConnections} were refused, not {count}.");
}
