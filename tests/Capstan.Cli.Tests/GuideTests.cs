using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Cli.Tests;

public sealed partial class GuideTests
{
    static string Guide(string name = "cli.md", [CallerFilePath] string caller = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "docs", "guide", name));

    [Fact]
    public void The_guide_lists_every_exit_code_and_every_command_in_the_programs_own_words()
    {
        var guide = Guide();
        Assert.All(ExitCodes.All, each => Assert.Contains($"| {each.Code} | {each.Meaning} |", guide));
        Assert.All(CommandLine.Commands, command => Assert.Contains($"| `capstan {command.Name}` | {command.Description} |", guide));
    }

    [Fact]
    public void The_guide_has_a_line_to_run_for_every_command() =>
        Assert.All(CommandLine.Commands, command => Assert.Contains(Lines(AnyBlock()), line => line.StartsWith($"capstan {command.Name}", StringComparison.Ordinal)));

    /// <summary>
    /// As a reader would: in a shell, in an empty folder, each in a process of its own. Slow ones have tests of their own.
    /// </summary>
    [Fact]
    public async Task The_lines_of_the_guide_run_as_they_stand()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        try
        {
            foreach (var line in Lines(ShellBlock()))
            {
                await (line.StartsWith("capstan serve", StringComparison.Ordinal) ? ServeAsync(line, folder.FullName) : RunAsync(line, folder.FullName));
            }

            Assert.Equal("not a trip\n", File.ReadAllText(Path.Combine(folder.FullName, "broken.csv")));
            Assert.Equal(5001, File.ReadLines(Path.Combine(folder.FullName, "predicted.csv")).Count());
        }
        finally
        {
            folder.Remove();
        }
    }

    [Theory]
    [InlineData("cluster.md")]
    [InlineData("data.md")]
    [InlineData("training.md")]
    [InlineData("evaluation.md")]
    [InlineData("trees.md")]
    [InlineData("explanations.md")]
    [InlineData("import.md")]
    [InlineData("validation.md")]
    [InlineData("server.md")]
    public async Task The_lines_of_the_other_guides_run_as_they_stand(string guide)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        try
        {
            foreach (var line in Lines(ShellBlock(), guide))
            {
                await RunAsync(line, folder.FullName);
            }
        }
        finally
        {
            folder.Remove();
        }
    }

    static string[] Lines(Regex blocks, string guide = "cli.md") => [.. blocks.Matches(Guide(guide)).SelectMany(block => block.Groups[1].Value.TrimEnd().Split('\n'))];

    /// <returns>What it wrote to standard output.</returns>
    static async Task<string> RunAsync(string line, string folder)
    {
        using var shell = Start($"capstan() {{ {Program} \"$@\"; }}; {line}", folder);
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{line}\nended with {shell.ExitCode}:\n{await error}{await output}");
        return await output;
    }

    /// <summary>Serves on a free port, sends every request that the server suggests, and stops it as Ctrl-C does.</summary>
    static async Task ServeAsync(string line, string folder)
    {
        using var server = Start($"exec {Program} {line["capstan ".Length..]} --port 0", folder);
        using var http = new HttpClient();
        try
        {
            for (var models = 0; models < 2; models++)
            {
                Match request;
                do
                {
                    var told = await server.StandardOutput.ReadLineAsync();
                    request = CurlLine().Match(told ?? throw new EndOfStreamException(await server.StandardError.ReadToEndAsync()));
                }
                while (!request.Success);
                using var body = new StringContent(request.Groups[2].Value, Encoding.UTF8, "application/json");
                using var response = await http.PostAsync(request.Groups[1].Value, body);
                Assert.Contains("\"predictions\":[", await response.Content.ReadAsStringAsync());
            }

            using var interrupt = Process.Start("kill", ["-INT", $"{server.Id}"]);
            await interrupt.WaitForExitAsync();
            await server.WaitForExitAsync();
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill();
            }
        }
    }

    static string Program
    {
        get
        {
            var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            return $"'{dotnet}' '{Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll")}'";
        }
    }

    static Process Start(string script, string folder) => Process.Start(new ProcessStartInfo("bash", ["-c", script])
    {
        WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
    })!; // the system has bash, or ./capstan would not run either

    [GeneratedRegex("^```sh\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^```sh(?: slow| fleet)?\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex("curl (\\S+) -d '(.*)'$")]
    private static partial Regex CurlLine();
}
