namespace Capstan.Cli;

/// <summary>Where runs and clusters of this folder's user keep what they need while they last.</summary>
static class ClusterFolder
{
    const string Root = ".capstan";

    /// <summary>What the members' own side of each run wrote.</summary>
    public static string Runs => Path.Combine(Root, "runs");

    /// <summary>
    /// Who holds places of the local pool; one folder for all programs of the user, since they share the machine.
    /// </summary>
    public static string Leases => Path.Combine(Path.GetTempPath(), $"capstan-leases-{Environment.UserName}");
}
