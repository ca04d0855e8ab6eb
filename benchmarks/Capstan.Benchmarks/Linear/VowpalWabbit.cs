using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>Vowpal Wabbit's own program, where it is installed: its usual one pass over its text format, with 2^22 weights.</summary>
static class VowpalWabbit
{
    /// <summary>Where it is; null where it is not.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("CAPSTAN_VW") ??
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "vw")).FirstOrDefault(File.Exists);

    /// <summary>Learns from a file.</summary>
    /// <param name="learner">More options: none for its adaptive gradient descent, or --ftrl.</param>
    /// <returns>CPU seconds of the process.</returns>
    public static double Learn(string program, string data, string model, string learner) =>
        Run($"'{program}' --loss_function logistic -b 22 {learner} --quiet -d '{data}' -f '{model}'");

    /// <summary>The log-odds of every row of a file.</summary>
    public static float[] Predict(string program, string data, string model)
    {
        var scores = $"{model}.scores";
        Run($"'{program}' --quiet -t -i '{model}' -d '{data}' -r '{scores}'");
        return [.. File.ReadLines(scores).Select(line => float.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
    }

    /// <summary>By the shell, which tells what its children took.</summary>
    static double Run(string command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash", ["-c", $"{command} >&2 && times"]) { RedirectStandardOutput = true })!; // a program is started
        var words = process.StandardOutput.ReadToEnd().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && words.Length == 4
            ? Seconds(words[2]) + Seconds(words[3])
            : throw new InvalidOperationException($"Vowpal Wabbit ended with {process.ExitCode}: {command}");

        // 1m2.345s
        static double Seconds(string text) => text.TrimEnd('s').Split('m') is [var minutes, var seconds]
            ? 60 * double.Parse(minutes, CultureInfo.InvariantCulture) + double.Parse(seconds, CultureInfo.InvariantCulture)
            : throw new FormatException($"The shell says '{text}' where a time was expected.");
    }
}
