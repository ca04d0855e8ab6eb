namespace Capstan.Cluster;

/// <summary>
/// Removes from the folders of jobs that are over what only their members needed: parts, analyses, checkpoints. Logs and results stay. What a killed
/// cleaner left is removed by the next one, which begins with all jobs that there are. Not thread-safe.
/// </summary>
/// <param name="leftovers">What a job leaves that nobody needs any more, as <see cref="IJobWork.Leftovers"/> says.</param>
sealed class JobCleaning(JobStore jobs, Func<JobRecord, TimeSpan, IReadOnlyList<string>> leftovers, TimeProvider clock)
{
    // Members hear of the end within a beat or two, and write nothing after.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    // Clocks of coordinators may differ by so much, so that a job ends earlier than one that was seen before.
    static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    readonly HashSet<string> _clean = new(StringComparer.Ordinal);
    DateTimeOffset _since = DateTimeOffset.MinValue;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var pending = now - Overlap;
        foreach (var job in await jobs.OverAsync(_since, cancellationToken))
        {
            var ended = job.Ended ?? now;
            if (!_clean.Contains(job.Definition.Id) && !TryClean(job, now - ended))
            {
                pending = ended < pending ? ended : pending;
            }
        }

        _since = pending;
    }

    /// <returns>False: something may be left.</returns>
    bool TryClean(JobRecord job, TimeSpan over)
    {
        if (over < Grace)
        {
            return false;
        }

        var due = leftovers(job, over);
        try
        {
            if (Directory.Exists(job.Definition.Folder))
            {
                due.ToList().ForEach(name => Remove(job.Definition.Folder, name));
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Somebody still writes there, or it is another's folder: the next look tries again.
            return false;
        }

        return due.Count == leftovers(job, TimeSpan.MaxValue).Count && _clean.Add(job.Definition.Id);
    }

    static void Remove(string folder, string pattern)
    {
        foreach (var path in Directory.GetFileSystemEntries(folder, pattern))
        {
            if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }
}
