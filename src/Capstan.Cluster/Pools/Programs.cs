using System.ComponentModel;
using System.Diagnostics;
using Capstan.Serving;

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
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="isBare">Without those variables of this process that may be secrets.</param>
    public static async Task<ProgramAnswer> RunAsync(
        string program, IEnumerable<string> arguments, string input, IReadOnlyDictionary<string, string>? variables,
        bool isBare, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (isBare)
        {
            ChildEnvironment.Reduce(start.Environment);
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var process = Process.Start(start)!; // not null for a new process
            try
            {
                var (output, error) = (
                    process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
                await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
                process.StandardInput.Close();
                await process.WaitForExitAsync(patience.Token);
                return new ProgramAnswer(process.ExitCode, await output, await error);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellationToken.ThrowIfCancellationRequested();
                return new ProgramAnswer(124, "", $"{program} did not answer within {Patience.TotalSeconds:0} s.");
            }
        }
        catch (Win32Exception)
        {
            return new ProgramAnswer(127, "", $"{program} is not installed on this machine.");
        }
    }
}
