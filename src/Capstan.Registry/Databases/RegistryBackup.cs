namespace Capstan.Registry;

/// <summary>
/// A backup is a folder: <c>registry.db</c>, an SQLite file with all tables whatever database they came from, and <c>store/</c>
/// with all files. Files never change under their names, so that copying them after the tables misses none that the tables
/// speak of.
/// </summary>
public static class RegistryBackup
{
    const string DatabaseFile = "registry.db";
    const string StoreFolder = "store";

    /// <exception cref="IOException">The folder exists already, or can't be written.</exception>
    public static async Task WriteAsync(RegistryDatabase database, IArtifactStore store, string folder,
        CancellationToken cancellationToken)
    {
        if (Path.Exists(folder))
        {
            throw new IOException($"'{folder}' exists already. Choose another place for the backup.");
        }

        var aside = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))}.part";
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }

        Directory.CreateDirectory(aside);
        await database.BackupAsync(Path.Combine(aside, DatabaseFile), cancellationToken);
        await CopyAsync(store, new FolderStore(Path.Combine(aside, StoreFolder)), cancellationToken);
        Directory.Move(aside, folder);
    }

    /// <summary>
    /// Into a database without any resource; an older backup's tables are brought up to this release on the way.
    /// </summary>
    /// <exception cref="IOException">The folder is no backup, or the database is in use.</exception>
    /// <exception cref="RegistryUnavailableException">The backup's database can't be read.</exception>
    public static async Task RestoreAsync(string folder, RegistryDatabase database, IArtifactStore store,
        CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, DatabaseFile);
        if (!File.Exists(file))
        {
            throw new IOException($"'{folder}' is no backup: it has no {DatabaseFile}.");
        }

        if ((await database.ReadAsync(session => session.Resources.CountsAsync(cancellationToken), cancellationToken)).Count > 0)
        {
            throw new IOException($"The database at {database.Place} holds resources already. Restore into a new one.");
        }

        // The backup itself stays as it is, also where its tables are older.
        var copy = Path.Combine(Path.GetTempPath(), $"capstan-restore-{Guid.NewGuid():N}.db");
        File.Copy(file, copy);
        try
        {
            await CopyAsync(new FolderStore(Path.Combine(folder, StoreFolder)), store, cancellationToken);
            await using var source = await RegistryDatabase.OpenAsync(copy, cancellationToken);
            await source.ReadAsync(async session =>
            {
                await TableCopy.RunAsync(session, database, cancellationToken);
                return true;
            }, cancellationToken);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    static async Task CopyAsync(IArtifactStore from, IArtifactStore to, CancellationToken cancellationToken)
    {
        await foreach (var file in from.ListAsync("", cancellationToken))
        {
            await using var content = await from.OpenAsync(file.Key, cancellationToken);
            if (content is not null)
            {
                await to.WriteAsync(file.Key, content, cancellationToken);
            }
        }
    }
}
