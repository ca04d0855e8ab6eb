using System.Diagnostics;

namespace Capstan.Cluster.Tests;

/// <summary>A cluster in a folder of its own, with as many nodes in this process as a test starts.</summary>
sealed class TestCluster : IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cluster-");
    readonly List<ClusterNode> _nodes = [];

    public TestCluster() => Database = ClusterDatabase.Parse($"sqlite:{Path.Combine(_folder.FullName, "cluster.db")}");

    public ClusterDatabase Database { get; init; }

    public JoinToken Token { get; } = JoinToken.Create();

    public string Folder => _folder.FullName;

    public NodeOptions Options => new() { Database = Database, Token = Token };

    public async Task<ClusterNode> StartAsync(Func<NodeOptions, NodeOptions>? change = null)
    {
        var node = await ClusterNode.StartAsync(change?.Invoke(Options) ?? Options, CancellationToken.None);
        _nodes.Add(node);
        return node;
    }

    /// <summary>
    /// Looks again until it is so; the time is for machines that do much else, and never passed by a mistake's absence.
    /// </summary>
    public static Task UntilAsync(string what, Func<bool> isSo, TimeSpan? most = null) => UntilAsync(what, () => Task.FromResult(isSo()), most);

    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, TimeSpan? most = null)
    {
        var (waited, longest) = (Stopwatch.StartNew(), most ?? Waiting.Patience);
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < longest, $"{what}: not after {longest}.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Remove();
    }
}
