using System.Globalization;

namespace Capstan.Parameters;

/// <summary>
/// The checkpoint files of a job: for each version one file of each shard, and one of the coordinator. A version counts only if
/// all of its shards' files are there.
/// </summary>
sealed class JobCheckpoints
{
    const int Kept = 2;

    readonly TrainingJob _job;
    readonly string _folder;

    public JobCheckpoints(TrainingJob job)
    {
        _job = job;
        _folder = job.CheckpointFolder!; // the caller has seen to it
    }

    /// <summary>What the coordinator remembers, which is no more than the epochs that have ended.</summary>
    public string CoordinatorPath => Path.Combine(_folder, $"{_job.Id}.coordinator.state");

    public string PathOf(long version, int shard) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_job.Id}.{version:D12}.{shard}-of-{_job.Shards}.state"));

    /// <summary>The latest version that is complete.</summary>
    public long? Latest() => Versions().Where(IsComplete).Select(version => (long?)version).FirstOrDefault();

    /// <summary>Deletes all but the latest complete versions before one.</summary>
    public void DropBefore(long version)
    {
        var kept = version == long.MaxValue ? [] : Versions().Where(IsComplete).Take(Kept).ToHashSet();
        foreach (var old in Versions().Where(each => each < version && !kept.Contains(each)))
        {
            for (var shard = 0; shard < _job.Shards; shard++)
            {
                StateFile.Drop(PathOf(old, shard));
            }
        }

        if (version == long.MaxValue)
        {
            StateFile.Drop(CoordinatorPath);
        }
    }

    /// <summary>Takes a version out of the count, and keeps its files for whoever wants to know what became of them.</summary>
    public void SetAside(long version)
    {
        for (var shard = 0; shard < _job.Shards; shard++)
        {
            var path = PathOf(version, shard);
            try
            {
                File.Move(path, $"{path}.unreadable", overwrite: true);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                StateFile.Drop(path);
            }
        }
    }

    bool IsComplete(long version) => Enumerable.Range(0, _job.Shards).All(shard => File.Exists(PathOf(version, shard)));

    /// <summary>The versions of which there is any file, latest first.</summary>
    long[] Versions() => !Directory.Exists(_folder)
        ? []
        :
        [
            .. Directory.EnumerateFiles(_folder, $"{_job.Id}.*-of-{_job.Shards}.state")
                .Select(path => Path.GetFileName(path)[(_job.Id.Length + 1)..].Split('.')[0])
                .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1)
                .Where(version => version >= 0).Distinct().OrderDescending(),
        ];
}
