using System.Net;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary>What a load test found.</summary>
/// <param name="Latencies">Of the requests that were answered.</param>
/// <param name="Failures">How many were not, by what came instead.</param>
/// <param name="Versions">How many each version answered.</param>
sealed record LoadOutcome(
    TimeSpan Duration, LatencyCounts Latencies, IReadOnlyDictionary<string, int> Failures, IReadOnlyDictionary<string, int> Versions);

/// <summary>
/// Sends requests at a fixed rate whatever the answers do, as many callers who know nothing of each other would.
/// </summary>
/// <remarks>
/// A closed loop waits for an answer before it sends again, and so leaves out the very requests that a slow server would have made
/// wait (coordinated omission: G. Tene, "How not to measure latency"). Here every request has its time in the schedule. Where all
/// connections are busy at that time, its latency begins then, although it is sent later; where one is idle, it begins when it is
/// sent, so that a late timer of ours does not count as the server's.
/// </remarks>
/// <param name="key">By which the server knows the caller; null sends none.</param>
sealed class OpenLoop(Uri address, string? key, byte[] body, double rate, int connections, TimeProvider time)
{
    readonly LatencyCounts _latencies = new();
    readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    readonly Lock _gate = new();
    long _next = -1;

    /// <param name="requests">How many to send in all.</param>
    /// <param name="progress">Called after each with how many are done.</param>
    public async Task<LoadOutcome> RunAsync(int requests, Action<int> progress, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections })
        {
            Timeout = TimeSpan.FromSeconds(60),
        };
        GatewayClient.Identify(client, key);
        var began = time.GetTimestamp();
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (Interlocked.Increment(ref _next) is var index && index < requests)
            {
                var due = TimeSpan.FromSeconds(index / rate);
                var wasIdle = false;
                while (due - time.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
                {
                    wasIdle = true;
                    await Task.Delay(rest < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : rest, time, cancellationToken);
                }

                await SendAsync(client, wasIdle ? time.GetElapsedTime(began) : due, began, cancellationToken);
                progress(Interlocked.Increment(ref done));
            }
        }));
        return new LoadOutcome(time.GetElapsedTime(began), _latencies, _failures, _versions);
    }

    async Task SendAsync(HttpClient client, TimeSpan from, long began, CancellationToken cancellationToken)
    {
        string? failure;
        var version = "";
        try
        {
            using var response = await client.PostAsync(address, new ByteArrayContent(body), cancellationToken);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            failure = response.StatusCode == HttpStatusCode.OK ? null : $"{(int)response.StatusCode}";
            version = response.Headers.TryGetValues("X-Capstan-Version", out var values) ? values.First() : "";
        }
        catch (HttpRequestException problem)
        {
            failure = problem.HttpRequestError.ToString();
        }

        var latency = time.GetElapsedTime(began) - from;
        lock (_gate)
        {
            if (failure is null)
            {
                _latencies.Add(latency);
                _versions[version] = _versions.GetValueOrDefault(version) + 1;
            }
            else
            {
                _failures[failure] = _failures.GetValueOrDefault(failure) + 1;
            }
        }
    }
}
