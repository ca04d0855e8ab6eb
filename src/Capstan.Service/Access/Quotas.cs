using System.Collections.Concurrent;

namespace Capstan.Service;

/// <summary>How much each project may ask for.</summary>
public sealed record Quotas
{
    /// <summary>What CMLE allowed.</summary>
    public static Quotas OfCmle { get; } = new();

    public static Quotas None { get; } = new()
    {
        PredictionsPerMinute = int.MaxValue, JobsPerMinute = int.MaxValue, CallsPerMinute = int.MaxValue, Models = int.MaxValue,
        Versions = int.MaxValue,
    };

    public int PredictionsPerMinute { get; init; } = 600_000;

    /// <summary>Jobs created.</summary>
    public int JobsPerMinute { get; init; } = 60;

    /// <summary>All other calls together.</summary>
    public int CallsPerMinute { get; init; } = 300;

    /// <summary>How many there may be at a time.</summary>
    public int Models { get; init; } = 100;

    public int Versions { get; init; } = 200;
}

/// <summary>Counts what projects ask for, minute by minute, in this process. Thread-safe.</summary>
sealed class QuotaCounters(Quotas quotas, TimeProvider time)
{
    readonly ConcurrentDictionary<(string Project, string Kind), (long Minute, int Count)> _counts = new();

    public Quotas Quotas => quotas;

    /// <exception cref="ServiceException">The project has asked for its share of this minute.</exception>
    public void Take(ApiMethod method, string project, Caller caller)
    {
        var (kind, most) = method.CustomVerb is "predict" or "explain" ? ("predictions", quotas.PredictionsPerMinute)
            : method.Id is "ml.projects.jobs.create" or "ml.projects.jobs.submit" ? ("jobs.create calls", quotas.JobsPerMinute)
            : ("calls", quotas.CallsPerMinute);
        if (most == int.MaxValue)
        {
            return;
        }

        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        var (_, count) = _counts.AddOrUpdate(
            (project, kind), _ => (minute, 1), (_, found) => found.Minute == minute ? (minute, found.Count + 1) : (minute, 1));
        if (count > most)
        {
            throw new ServiceException(
                StatusCode.ResourceExhausted,
                $"Project '{Quote.Short(project)}' has used its quota of {most:N0} {kind} a minute ('{caller.Member}' asked). " +
                    $"Try again in the next minute, or let the server be started with larger quotas.")
            {
                RetryAfterSeconds = 60 - (int)(time.GetUtcNow().ToUnixTimeSeconds() % 60),
            };
        }
    }
}
