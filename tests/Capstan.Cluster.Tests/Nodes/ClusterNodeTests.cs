using System.Net;

namespace Capstan.Cluster.Tests;

public sealed class ClusterNodeTests
{
    [Fact]
    public async Task Nodes_find_each_other_through_any_of_them_and_leave_without_being_missed()
    {
        await using var cluster = new TestCluster();
        var first = await cluster.StartAsync();
        var told = await Invitation.AskAsync(first.Place.ToString(), cluster.Token, null, CancellationToken.None);
        var second = await cluster.StartAsync(options => options with { Cluster = told.Cluster, Database = ClusterDatabase.Parse(told.Database) });
        await TestCluster.UntilAsync("both know both", () => first.Members().Count == 2 && second.Members().Count == 2);

        await second.StopAsync(CancellationToken.None);

        await TestCluster.UntilAsync("the first is alone", () => first.Members().Count == 1);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_before_anything_is_told()
    {
        await using var cluster = new TestCluster();
        var node = await cluster.StartAsync();

        var refusal = await Assert.ThrowsAsync<PeerRefusedException>(
            () => Invitation.AskAsync(node.Place.ToString(), JoinToken.Create(), null, CancellationToken.None));

        Assert.Contains("did not prove that it holds the token", refusal.Message);
        await TestCluster.UntilAsync("counted", () => node.RefusedConnections >= 1);
    }

    [Fact]
    public async Task A_node_with_another_token_never_becomes_a_member()
    {
        await using var cluster = new TestCluster();
        var node = await cluster.StartAsync();
        using var patience = new CancellationTokenSource();

        // It reads the membership table, then can't talk to the members that stand in there.
        var joining = ClusterNode.StartAsync(cluster.Options with { Token = JoinToken.Create() }, patience.Token);
        await TestCluster.UntilAsync("refused", () => node.RefusedConnections > 0);
        patience.Cancel();

        await Assert.ThrowsAnyAsync<Exception>(() => joining);
        Assert.Equal([node.Place], node.Members());
    }

    [Fact]
    public async Task Garbage_is_cut_off_and_counted_and_harms_nobody()
    {
        await using var cluster = new TestCluster();
        var node = await cluster.StartAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(node.Place);

        await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: here\r\n\r\n"u8.ToArray());

        await TestCluster.UntilAsync("counted", () => node.RefusedConnections >= 1);
        Assert.Equal([node.Place], node.Members());
    }

    [Fact]
    public async Task With_tls_a_peer_that_shows_another_certificate_is_refused()
    {
        await using var cluster = new TestCluster();
        var (ours, theirs) = (Certificates.Create("ours"), Certificates.Create("theirs"));
        var first = await cluster.StartAsync(options => options with { Certificate = ours });
        var second = await cluster.StartAsync(options => options with { Certificate = ours });
        await TestCluster.UntilAsync("both know both", () => first.Members().Count == 2 && second.Members().Count == 2);

        Assert.Equal("capstan", (await Invitation.AskAsync(first.Place.ToString(), cluster.Token, ours, CancellationToken.None)).Cluster);
        await Assert.ThrowsAsync<PeerRefusedException>(() => Invitation.AskAsync(first.Place.ToString(), cluster.Token, theirs, CancellationToken.None));
        await Assert.ThrowsAsync<PeerRefusedException>(() => Invitation.AskAsync(first.Place.ToString(), cluster.Token, null, CancellationToken.None));
    }

    [Fact]
    public async Task What_can_not_work_is_refused_all_at_once()
    {
        await using var cluster = new TestCluster();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => ClusterNode.StartAsync(
            cluster.Options with { Cluster = "a b", Slots = 0, Address = IPAddress.Parse("192.0.2.1") }, CancellationToken.None));

        Assert.Contains("cluster's name is 'a b'", refusal.Message);
        Assert.Contains("0 slots", refusal.Message);
        Assert.Contains("a file that other machines can't share safely", refusal.Message);
    }
}
