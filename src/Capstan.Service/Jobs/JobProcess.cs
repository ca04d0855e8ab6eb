using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;

namespace Capstan.Service;

/// <summary>
/// The inside of a job's process: follows the order in its folder, writes its log a line at a time and its outcome at the end. It
/// knows nothing of servers and databases.
/// </summary>
/// <param name="train">Trains a pipeline of Capstan into a folder; told where to write the log. Answers how many machines took
/// part.</param>
/// <param name="runMembers">Runs a trainer as several processes and answers its exit code; null: there are no machines for them,
/// and a trainer is one process whatever it asks for.</param>
/// <param name="predictShared">Has several processes answer a batch prediction; null, or answering null: this one does it.</param>
public sealed class JobProcess(
    Func<JobOrder.TrainPipeline, string, IJobLog, CancellationToken, Task<int>> train,
    Func<MembersRun, IJobLog, CancellationToken, Task<int>>? runMembers,
    Func<JobOrder.PredictBatch, IJobLog, CancellationToken, Task<SharedPredictions?>>? predictShared, TimeProvider time)
{
    /// <returns>The exit code: 0 where the job succeeded.</returns>
    public async Task<int> RunAsync(string path, CancellationToken cancellationToken)
    {
        var folder = new JobFolder(path);
        var order = folder.Order ?? throw new InvalidOperationException($"{path} holds no order.");
        await using var log = new JobLog(folder.Log, time);
        using var span = ServiceMetrics.StartJob(order);
        var started = time.GetUtcNow();
        var outcome =
            new JobOutcome { State = "SUCCEEDED", StartedAt = started, EndedAt = started, ProcessorTime = TimeSpan.Zero };
        using var limit = new CancellationTokenSource(order.MaxRunningTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            // What an earlier attempt left half-made.
            if (Directory.Exists(folder.Output))
            {
                Directory.Delete(folder.Output, recursive: true);
            }

            Directory.CreateDirectory(folder.Output);
            outcome = await FollowAsync(order, folder, outcome, log, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            outcome = outcome with { State = "CANCELLED",
                Message = $"It ran longer than its maxRunningTime of {order.MaxRunningTime.TotalSeconds:N0} seconds." };
        }
        catch (OperationCanceledException)
        {
            outcome = outcome with { State = "CANCELLED", Message = "Cancelled by request." };
        }
        catch (Exception failure)
        {
            // The edge of the job: its log has the details, its resource the message.
            log.Write("ERROR", $"{failure}");
            outcome = outcome with { State = "FAILED", Message = failure.Message };
        }

        if (outcome.State != "SUCCEEDED")
        {
            span?.SetStatus(ActivityStatusCode.Error, outcome.Message);
        }

        log.Write(outcome.State == "SUCCEEDED" ? "INFO" : "ERROR", outcome.Message ?? "Done.");
        using var self = Process.GetCurrentProcess();
        folder.Write(outcome with { EndedAt = time.GetUtcNow(), ProcessorTime = self.TotalProcessorTime });
        return outcome.State == "SUCCEEDED" ? 0 : 1;
    }

    async Task<JobOutcome> FollowAsync(
        JobOrder order, JobFolder folder, JobOutcome outcome, JobLog log, CancellationToken cancellationToken)
    {
        switch (order)
        {
            case JobOrder.TrainPipeline training:
                var machines = await train(training, Path.Combine(folder.Output, "model"), log, cancellationToken);
                return outcome with { Machines = machines };
            case JobOrder.PredictBatch prediction:
                return await PredictAsync(prediction, folder, outcome, log, cancellationToken);
            case JobOrder.RunPackage package:
                return await RunAsync(package, folder, outcome, log, cancellationToken);
            default:
                throw new UnreachableException();
        }
    }

    async Task<JobOutcome> PredictAsync(
        JobOrder.PredictBatch order, JobFolder folder, JobOutcome outcome, JobLog log, CancellationToken cancellationToken)
    {
        if (predictShared is not null && await predictShared(order, log, cancellationToken) is { } shared)
        {
            // Copied, since an attempt that follows this one finds them where they are.
            File.Copy(shared.Results, Path.Combine(folder.Output, BatchPrediction.Results));
            File.Copy(shared.Errors, Path.Combine(folder.Output, BatchPrediction.Errors));
            return outcome with { PredictionCount = shared.PredictionCount, ErrorCount = shared.ErrorCount, Machines = shared.Machines };
        }

        var (predictions, errors) = await BatchPrediction.RunAsync(order, folder.Output, log, cancellationToken);
        return outcome with { PredictionCount = predictions, ErrorCount = errors };
    }

    async Task<JobOutcome> RunAsync(
        JobOrder.RunPackage order, JobFolder folder, JobOutcome outcome, JobLog log, CancellationToken cancellationToken)
    {
        var trainer = TrainerPackage.Unpack(order, folder);
        var members = order.Members is { } asked && runMembers is not null ? asked : null;
        if (order.Members is not null && members is null)
        {
            log.Write("WARNING",
                "The job asks for several machines, and the server has no pool of them (--pool): it runs as one process.");
        }

        log.Write("INFO", $"Running {order.Module}.");
        var exitCode = members is null
            ? await trainer.RunAsync(log, cancellationToken)
            : await runMembers!(trainer.AsMembers(members), log, cancellationToken); // members: only with one
        outcome = outcome with { Machines = members?.Machines ?? 1 };
        return exitCode == 0 ? outcome
            : outcome with { State = "FAILED", Message = $"The trainer ended with exit code {exitCode}; its log tells more." };
    }
}

/// <summary>Where a job says what it does.</summary>
public interface IJobLog
{
    /// <param name="severity">INFO, WARNING or ERROR.</param>
    void Write(string severity, string text) => Write(severity, text, null);

    /// <param name="replica">Who says it, in CMLE's words: <c>worker-replica-1</c>; null: the master.</param>
    void Write(string severity, string text, string? replica);
}

/// <summary>A log file of JSON lines; written by one thread, so that lines of several stay whole.</summary>
sealed class JobLog : IJobLog, IAsyncDisposable
{
    const int LongestLine = 16_000;

    readonly Channel<JobLogLine> _lines = Channel.CreateUnbounded<JobLogLine>();
    readonly TimeProvider _time;
    readonly Task _writing;

    public JobLog(string path, TimeProvider time)
    {
        _time = time;
        _writing = WriteAllAsync(path);
    }

    public void Write(string severity, string text) => Write(severity, text, null);

    public void Write(string severity, string text, string? replica)
    {
        foreach (var line in text.Split('\n').Where(line => line.Trim().Length > 0))
        {
            _lines.Writer.TryWrite(
                new JobLogLine(
                    _time.GetUtcNow(), severity, line.Length <= LongestLine ? line : line[..LongestLine] + "…", replica));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.Complete();
        await _writing;
    }

    async Task WriteAllAsync(string path)
    {
        await using var file =
            new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1, FileOptions.Asynchronous);
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await file.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, JobJson.Default.JobLogLine), (byte)'\n']);
        }
    }
}
