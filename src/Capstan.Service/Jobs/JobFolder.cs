using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Service;

/// <summary>The files by which a server and a job's process speak, so that either may end and come back.</summary>
/// <remarks>
/// <c>order.json</c> what to do; <c>process.json</c> who does it; <c>log.jsonl</c> what it says, a line at a time; <c>output/</c>
/// what it makes; <c>outcome.json</c> how it ended, there only when all of the output is.
/// </remarks>
sealed class JobFolder(string path)
{
    public string Path { get; } = path;

    public string Output => In("output");

    public string Log => In("log.jsonl");

    public JobOrder? Order => Read("order.json", JobJson.Default.JobOrder);

    public JobOutcome? Outcome => Read("outcome.json", JobJson.Default.JobOutcome);

    public JobProcessMark? Process => Read("process.json", JobJson.Default.JobProcessMark);

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Write(JobOrder order) => Write("order.json", order, JobJson.Default.JobOrder);

    public void Write(JobOutcome outcome) => Write("outcome.json", outcome, JobJson.Default.JobOutcome);

    public void Write(JobProcessMark process) => Write("process.json", process, JobJson.Default.JobProcessMark);

    /// <summary>The lines after the first so many; a line that is still being written is left for the next time.</summary>
    public IReadOnlyList<JobLogLine> LinesAfter(long count)
    {
        if (!File.Exists(Log))
        {
            return [];
        }

        using var file = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var text = new StreamReader(file);
        var all = text.ReadToEnd();
        var whole = all[..(all.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip((int)count).Select(LineOf)];
    }

    static JobLogLine LineOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JobJson.Default.JobLogLine)!; // "null" is never written
        }
        catch (JsonException)
        {
            // Written by the shell before the program began, or torn by a crash.
            return new JobLogLine(DateTimeOffset.UnixEpoch, "ERROR", line);
        }
    }

    T? Read<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(In(name)), type);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    void Write<T>(string name, T value, JsonTypeInfo<T> type)
    {
        Directory.CreateDirectory(Path);
        var aside = In($".{name}");
        File.WriteAllBytes(aside, JsonSerializer.SerializeToUtf8Bytes(value, type));
        File.Move(aside, In(name), overwrite: true);
    }
}
