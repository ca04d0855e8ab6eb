using System.Diagnostics;

namespace Capstan.Cluster.Tests;

/// <summary>
/// A Slurm of this test run alone: one controller, two nodes that are on and four that Slurm switches on when they are needed and
/// off when they are idle, all on this machine. It ends with the test program, however that ends: its keeper waits for the end of
/// a pipe that only the test program holds.
/// </summary>
sealed class SlurmCluster
{
    static readonly Lazy<SlurmCluster> Only = new(() => new SlurmCluster());

    // Held, since its end is the cluster's end.
    readonly Process _keeper;

    SlurmCluster()
    {
        var script = Path.Combine(AppContext.BaseDirectory, "slurm-cluster.sh");
        _keeper = Process.Start(new ProcessStartInfo("bash", [script, Path.GetTempPath()])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!; // a new process
        var answer = _keeper.StandardOutput.ReadLine() ?? "";
        Configuration = File.Exists(answer) ? answer : throw new InvalidOperationException($"Slurm did not start: {answer}");
        // Slurm's own programs are told by the environment.
        Environment.SetEnvironmentVariable("SLURM_CONF", Configuration);
    }

    /// <summary>The cluster; skips the test that asks where Slurm is not installed.</summary>
    public static SlurmCluster Shared
    {
        get
        {
            Assert.SkipUnless(
                File.Exists("/usr/sbin/slurmctld") && Environment.IsPrivilegedProcess,
                "needs Slurm (Debian: apt-get install slurm-wlm munge) and root, both of which ./test sees to where it may");
            return Only.Value;
        }
    }

    public string Configuration { get; }

    /// <summary>
    /// What became of the nodes that Slurm switches on and off, a line each: <c>resume cloud1</c>, <c>suspend cloud1</c>.
    /// </summary>
    public string[] Power => File.Exists(PowerLog) ? File.ReadAllLines(PowerLog) : [];

    string PowerLog => Path.Combine(Path.GetDirectoryName(Configuration)!, "power.log");
}
