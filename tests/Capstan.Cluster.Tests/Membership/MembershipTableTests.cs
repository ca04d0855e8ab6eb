using System.Net;
using Npgsql;
using Orleans;
using Orleans.Runtime;

namespace Capstan.Cluster.Tests;

/// <summary>The same table in SQLite and in PostgreSQL.</summary>
public sealed class MembershipTableTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-membership-");

    public static TheoryData<string> Databases => ["sqlite", "postgresql"];

    ClusterDatabase Database(string kind)
    {
        if (kind == "sqlite")
        {
            return ClusterDatabase.Parse($"sqlite:{Path.Combine(_folder.FullName, "cluster.db")}");
        }

        // A schema of the test's own.
        var schema = $"test_{Guid.NewGuid():N}";
        using var connection = new NpgsqlConnection(PostgreSqlServer.Shared.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand($"CREATE SCHEMA {schema}", connection);
        command.ExecuteNonQuery();
        return ClusterDatabase.Parse($"{PostgreSqlServer.Shared.Url}&search_path={schema}");
    }

    static MembershipEntry Entry(int port) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 1),
        Status = SiloStatus.Active,
        HostName = "here",
        SiloName = $"n{port}",
        ProxyPort = port + 1,
        StartTime = DateTime.UnixEpoch,
        IAmAliveTime = DateTime.UnixEpoch.AddSeconds(7),
        SuspectTimes = [Tuple.Create(SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 9), 3), DateTime.UnixEpoch)],
    };

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_written_is_read_and_each_change_raises_the_version(string kind)
    {
        var database = Database(kind);
        var table = new MembershipTable(database, "c");
        await table.InitializeMembershipTable(true);
        Assert.True(await table.InsertRow(Entry(1), (await table.ReadAll()).Version.Next()));

        var (entry, tag) = Assert.Single((await table.ReadAll()).Members);
        Assert.Equal(
            (Entry(1).SiloAddress, SiloStatus.Active, "n1", 2, Entry(1).IAmAliveTime, 1),
            (entry.SiloAddress, entry.Status, entry.SiloName, entry.ProxyPort, entry.IAmAliveTime, entry.SuspectTimes!.Count)); // written above
        entry.Status = SiloStatus.Dead;
        Assert.True(await table.UpdateRow(entry, tag, (await table.ReadAll()).Version.Next()));
        Assert.False(await table.UpdateRow(entry, tag, (await table.ReadAll()).Version.Next()));

        Assert.Equal(2, (await table.ReadAll()).Version.Version);
        Assert.Empty((await new MembershipTable(database, "other").ReadAll()).Members);
        await table.CleanupDefunctSiloEntries(DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Empty((await table.ReadAll()).Members);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Of_writers_that_have_read_the_same_version_one_succeeds(string kind)
    {
        var database = Database(kind);
        await database.PrepareAsync(CancellationToken.None);
        for (var round = 0; round < 5; round++)
        {
            var version = (await new MembershipTable(database, "c").ReadAll()).Version.Next();
            var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(
                () => new MembershipTable(database, "c").InsertRow(Entry(100 * (round + 1) + writer), version)));

            Assert.Single(await Task.WhenAll(writers), succeeded => succeeded);
        }

        Assert.Equal(5, (await new MembershipTable(database, "c").ReadAll()).Members.Count);
    }

    [Fact]
    public async Task Nodes_on_PostgreSQL_find_each_other_and_do_jobs()
    {
        await using var cluster = new TestCluster { Database = Database("postgresql") };
        var (first, second) = (await cluster.StartAsync(), await cluster.StartAsync());
        await TestCluster.UntilAsync("both know both", () => first.Members().Count == 2 && second.Members().Count == 2);
        var jobs = new JobStore(cluster.Database, "capstan", TimeProvider.System);

        await jobs.TryAddAsync(new JobDefinition("job", "dancing", "", cluster.Folder), CancellationToken.None);

        await TestCluster.UntilAsync("over", async () => (await jobs.FindAsync("job", CancellationToken.None))!.IsOver);
        Assert.Contains(await jobs.LinesAsync("job", 0, CancellationToken.None), line => line.Member == "cluster");
    }

    [Theory]
    [InlineData("mysql://x", "of no kind that is known")]
    [InlineData("sqlite:", "names no file")]
    [InlineData("postgresql://h/d?color=red", "setting 'color' is not known")]
    public void An_address_that_is_none_is_refused(string address, string expected) => Assert.Contains(
        expected, Assert.Throws<ClusterAddressException>(() => ClusterDatabase.Parse(address)).Message);

    [Fact]
    public void The_password_is_not_in_messages() =>
        Assert.DoesNotContain("secret", $"{ClusterDatabase.Parse("postgresql://me:secret@db:5432/capstan")}");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Remove();
    }
}
