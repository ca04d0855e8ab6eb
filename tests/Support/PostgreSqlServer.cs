using System.Diagnostics;

namespace Capstan.Tests.Support;

/// <summary>
/// A PostgreSQL of this test run alone: started by the first test that asks for it, in a temporary folder, reached by a socket in
/// there and by no network. It ends with the test program, however that ends: its keeper waits for the end of a pipe that only the test
/// program holds, then stops it and removes the folder.
/// </summary>
sealed partial class PostgreSqlServer
{
    public const string User = "tester";
    public const string Password = "s3cret/@:";

    // Durability costs a third of a test's time and protects nothing where the server never dies.
    const string Undurable = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off";
    const string Settings = "-c shared_buffers=64MB -c listen_addresses= -c jit=off";

    // Signals from a terminal reach every program in it; only the pipe's end may stop the keeper.
    const string Keeper =
        """
        trap '' INT HUP TERM
        cd /
        folder=$(mktemp -d "${TMPDIR:-/tmp}/capstan-postgresql-XXXXXX") || exit 1
        printf %s "$3" > "$folder/password"
        if "$1/initdb" -D "$folder/data" -U "$2" --pwfile "$folder/password" -A scram-sha-256 -E UTF8 --locale C -N --no-instructions > "$folder/log" 2>&1 &&
            "$1/pg_ctl" -D "$folder/data" -w -t 600 -s -l "$folder/log" -o "-k $folder $4" start >> "$folder/log" 2>&1
        then
            echo "$folder"
        else
            tail -5 "$folder/log"
        fi
        cat > /dev/null
        "$1/pg_ctl" -D "$folder/data" -s -m immediate stop > /dev/null 2>&1
        rm -rf "$folder"
        """;

    static readonly Lazy<PostgreSqlServer> Only = new(() => new PostgreSqlServer($"{Settings} {Undurable}"));

    // Held, since its end is the server's end.
    readonly Process _keeper;

    PostgreSqlServer(string settings)
    {
        var programs = Programs() ?? throw new InvalidOperationException("PostgreSQL is not installed.");
        string[] line = [.. Account, "sh", "-c", Keeper, "keeper", programs, User, Password, settings];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _keeper = Process.Start(start)!; // a new process
        Folder = _keeper.StandardOutput.ReadLine() ?? "";
        if (!Directory.Exists(Folder))
        {
            throw new InvalidOperationException($"PostgreSQL in {programs} did not start: {Folder}");
        }
    }

    /// <summary>For tests that have others to compare where it is not.</summary>
    public static bool IsInstalled => Programs() is not null;

    /// <summary>Where its socket is.</summary>
    public string Folder { get; }

    /// <summary>The form that PostgreSQL's own programs take.</summary>
    public string Url => $"postgresql://{User}:{Uri.EscapeDataString(Password)}@/postgres?host={Uri.EscapeDataString(Folder)}";

    /// <summary>The form that Npgsql takes.</summary>
    public string ConnectionString => $"Host={Folder};Username={User};Password='{Password}';Database=postgres";

    // PostgreSQL does not run as root.
    static string[] Account => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] : [];

    /// <summary>Ends without a word to anybody, as by a crash, and comes back with what was committed.</summary>
    public async Task RestartAsync()
    {
        string[] line = [.. Account, Path.Combine(Programs()!, "pg_ctl"), "-D", Path.Combine(Folder, "data"), "-w", "-t", "600", "-s", "-m", "immediate", "-l", Path.Combine(Folder, "log"), "restart"]; // it runs, so it is installed
        using var restart = Process.Start(new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = "/" })!; // a new process
        await restart.WaitForExitAsync();
        if (restart.ExitCode != 0)
        {
            throw new InvalidOperationException($"PostgreSQL did not come back: {await File.ReadAllTextAsync(Path.Combine(Folder, "log"))}");
        }
    }

    /// <summary>The folder of initdb and pg_ctl, which Debian keeps out of PATH; null where there is none.</summary>
    static string? Programs()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            : Enumerable.Empty<string>();
        return debian.Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }
}
