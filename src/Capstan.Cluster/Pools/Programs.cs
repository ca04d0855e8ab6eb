using System.ComponentModel;
using System.Diagnostics;

namespace Capstan.Cluster;

/// <summary>What a program of the system answered.</summary>
readonly record struct ProgramAnswer(int Code, string Output, string Error)
{
    /// <summary>For messages.</summary>
    public string Said => (Error.Trim() is { Length: > 0 } error ? error : Output.Trim()) is { Length: > 0 } text ? text : $"exit code {Code}";
}

/// <summary>Short programs of the system, run to their end.</summary>
static class Programs
{
    public static async Task<ProgramAnswer> RunAsync(
        string program, IEnumerable<string> arguments, string input, IReadOnlyDictionary<string, string>? variables,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!; // not null for a new process
            var (output, error) = (
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return new ProgramAnswer(process.ExitCode, await output, await error);
        }
        catch (Win32Exception)
        {
            return new ProgramAnswer(127, "", $"{program} is not installed on this machine.");
        }
    }
}
