using System.Data.Common;

namespace Capstan.Registry;

/// <summary>A transaction of one of the databases: what ends without a commit is undone.</summary>
abstract class RegistryTransaction : IAsyncDisposable
{
    /// <summary>A statement, without parameters yet. Whoever takes it gives it back when its rows are read.</summary>
    public abstract DbCommand Take(string sql);

    public abstract void GiveBack(DbCommand command);

    public abstract Task CommitAsync();

    public abstract ValueTask DisposeAsync();
}
