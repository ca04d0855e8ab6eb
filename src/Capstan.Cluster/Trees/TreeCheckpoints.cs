using System.Globalization;
using Capstan.Training;

namespace Capstan.Cluster;

/// <summary>
/// Where the coordinator of trees keeps them: each in a folder of its own, which begins with what the one before it had kept. So one that was taken for
/// dead, and is not, disturbs nobody. Whichever of its checkpoints was seen last, the trees after it are the same.
/// </summary>
static class TreeCheckpoints
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    public static CheckpointOptions Of(ICoordination job)
    {
        var root = Path.Combine(job.Job.Folder, "checkpoints");
        var own = Path.Combine(root, job.Epoch.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(own);
        var earlier = Directory.EnumerateDirectories(root)
            .Select(folder => long.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var epoch) ? epoch : 0)
            .Where(epoch => epoch > 0 && epoch < job.Epoch).DefaultIfEmpty().Max();
        if (earlier > 0)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, earlier.ToString(CultureInfo.InvariantCulture)), "*.state"))
            {
                Take(file, Path.Combine(own, Path.GetFileName(file)));
            }
        }

        return new CheckpointOptions(own) { Every = Every };
    }

    static void Take(string from, string to)
    {
        try
        {
            File.Copy(from, to, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // The one before lives, and has written another by now.
        }
    }
}
