using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>Where the cluster of the folder that the user is in keeps its things, unless another is named.</summary>
static class ClusterPlace
{
    const string Root = ".capstan";

    /// <summary>What the members' own side of each run wrote.</summary>
    public static string Runs => Path.Combine(Root, "runs");

    /// <summary>What members of jobs hand each other.</summary>
    public static string Jobs => Path.GetFullPath(Path.Combine(Root, "jobs"));

    /// <summary>What replicas on machines of a pool wrote before they were there.</summary>
    public static string Replicas => Path.GetFullPath(Path.Combine(Root, "replicas"));

    /// <summary>
    /// Who holds places of the local pool; one folder for all programs of the user, since they share the machine.
    /// </summary>
    public static string Leases => Path.Combine(Path.GetTempPath(), $"capstan-leases-{Environment.UserName}");

    /// <param name="address">Null: the folder's own.</param>
    public static ClusterDatabase DatabaseOf(string? address)
    {
        Directory.CreateDirectory(Root);
        return ClusterDatabase.Parse(address ?? $"sqlite:{Path.Combine(Root, "cluster.db")}");
    }

    /// <summary>
    /// The token of a cluster on this machine lies beside its records, readable by its user alone: so all commands in one folder are of
    /// one cluster without a word. A cluster of several machines gets a new one.
    /// </summary>
    public static JoinToken TokenOf(ClusterDatabase database)
    {
        if (!database.IsLocal)
        {
            return JoinToken.Create();
        }

        return TokenAt(Path.Combine(Root, "token"));
    }

    /// <summary>The token that a file keeps, made where there is none.</summary>
    public static JoinToken TokenAt(string path)
    {
        if (!File.Exists(path))
        {
            // Whole, or not at all: another command may look at the same moment.
            var aside = $"{path}.{Environment.ProcessId}";
            using (File.Create(aside))
            {
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(aside, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            File.WriteAllText(aside, JoinToken.Create().Text);
            try
            {
                File.Move(aside, path);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(aside);
            }
        }

        return new JoinToken(File.ReadAllText(path));
    }
}
