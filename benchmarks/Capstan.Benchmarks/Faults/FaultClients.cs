using Capstan.Gateway;

namespace Capstan.Benchmarks;

/// <summary>What callers saw.</summary>
/// <param name="Failures">By what came in place of an answer.</param>
/// <param name="Versions">How many each version answered.</param>
sealed record Callers(LatencyCounts Latencies, IReadOnlyDictionary<string, int> Failures, IReadOnlyDictionary<string, int> Versions)
{
    public int Failed => Failures.Values.Sum();

    public long Asked => Latencies.Count + Failed;

    public double P99 => Latencies.Quantile(0.99).TotalMilliseconds;

    public string FailuresText => Failed == 0 ? "0 failures" : $"{Failed:N0} failures ({string.Join(", ", Failures.Select(each => $"{each.Key}: {each.Value}"))})";
}

/// <summary>Clients that ask, wait for the answer, and ask again, each on a connection of its own.</summary>
static class FaultClients
{
    /// <param name="requests">How many in all; the clients also stop when told to.</param>
    public static async Task<Callers> AskAsync(Uri address, byte[] body, int clients, long requests, CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = clients }) { Timeout = TimeSpan.FromMinutes(2) };
        var gate = new Lock();
        var (latencies, failures, versions) = (new LatencyCounts(), new Dictionary<string, int>(), new Dictionary<string, int>());
        var asked = 0L;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (!stop.IsCancellationRequested && Interlocked.Increment(ref asked) <= requests)
            {
                var began = TimeProvider.System.GetTimestamp();
                string? failure;
                var version = "";
                try
                {
                    using var response = await http.PostAsync(address, new ByteArrayContent(body), CancellationToken.None);
                    await response.Content.CopyToAsync(Stream.Null, CancellationToken.None);
                    failure = response.IsSuccessStatusCode ? null : $"{(int)response.StatusCode}";
                    version = response.Headers.TryGetValues("X-Capstan-Version", out var values) ? values.First() : "";
                }
                catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
                {
                    failure = problem is HttpRequestException { HttpRequestError: var kind } ? kind.ToString() : "timeout";
                }

                lock (gate)
                {
                    if (failure is null)
                    {
                        latencies.Add(TimeProvider.System.GetElapsedTime(began));
                        versions[version] = versions.GetValueOrDefault(version) + 1;
                    }
                    else
                    {
                        failures[failure] = failures.GetValueOrDefault(failure) + 1;
                    }
                }
            }
        }));
        return new Callers(latencies, failures, versions);
    }

    /// <summary>Asks while something is done.</summary>
    public static async Task<Callers> DuringAsync(Uri address, byte[] body, int clients, Func<Task> work)
    {
        using var stop = new CancellationTokenSource();
        var asking = AskAsync(address, body, clients, long.MaxValue, stop.Token);
        try
        {
            await work();
        }
        finally
        {
            await stop.CancelAsync();
        }

        return await asking;
    }
}
