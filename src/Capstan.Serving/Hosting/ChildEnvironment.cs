namespace Capstan.Serving;

/// <summary>
/// What a process that a server starts may find in its environment. A server's own holds secrets (keys of stores, passwords of
/// databases, tokens), under names that nobody can list, so what is passed on is named, not what is kept back.
/// </summary>
public static class ChildEnvironment
{
    // Where programs and libraries are, how texts and times look, which devices there are.
    static readonly HashSet<string> Passed = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
        "OMP_NUM_THREADS", "SSL_CERT_FILE", "SSL_CERT_DIR", "SLURM_CONF",
    };

    static readonly string[] PassedBeginnings = ["LC_", "DOTNET_"];

    /// <summary>Whether a variable of the server is one of its children's, too.</summary>
    public static bool Passes(string name) =>
        Passed.Contains(name) || PassedBeginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Takes away what is the server's alone; call it before a child's own variables are added.</summary>
    public static void Reduce(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => !Passes(name)).ToArray())
        {
            environment.Remove(name);
        }
    }
}
