namespace Capstan.Gateway;

/// <summary>Judges a version on trial by its traffic. Pure.</summary>
public static class CanaryPolicy
{
    // One-sided, about one in a thousand: a look every two seconds must not find a failure by looking often enough.
    const double Significant = 3.1;

    const double Rank = 0.95;

    /// <returns>Why the version should lose its share; null where there is no reason.</returns>
    /// <remarks>
    /// Errors: the difference of two proportions beyond what is allowed, over its standard error (pooled as by Agresti and Caffo: one
    /// success and one failure are added to each, so that none is certain by being few).
    /// </remarks>
    public static string? Judge(CanarySettings settings, IReadOnlyList<VersionTraffic> traffic)
    {
        var canary = new VersionTraffic(settings.Version);
        var others = new VersionTraffic("");
        foreach (var each in traffic)
        {
            (each.Version == settings.Version ? canary : others).Merge(each);
        }

        if (canary.Requests < settings.MinRequests)
        {
            return null;
        }

        var (own, theirs) = (Rate(canary), Rate(others));
        var error = Math.Sqrt(own * (1 - own) / (canary.Requests + 2) + theirs * (1 - theirs) / (others.Requests + 2));
        if (others.Requests == 0)
        {
            (theirs, error) = (0, Math.Sqrt(own * (1 - own) / (canary.Requests + 2)));
        }

        if ((own - theirs - settings.MaxErrorPercent / 100) / error > Significant)
        {
            return $"version {settings.Version} failed {canary.Failures:N0} of {canary.Requests:N0} requests ({Percent(canary)}), the others " +
                $"{others.Failures:N0} of {others.Requests:N0} ({Percent(others)}); {settings.MaxErrorPercent} points more are allowed";
        }

        var (slow, usual) = (canary.Latencies.Quantile(Rank), others.Latencies.Quantile(Rank));
        return others.Requests >= settings.MinRequests && slow > usual * settings.MaxLatencyRatio
            ? $"version {settings.Version} answers 95 % of its requests within {slow.TotalMilliseconds:0.##} ms, the others within " +
                $"{usual.TotalMilliseconds:0.##} ms; {settings.MaxLatencyRatio} times that is allowed"
            : null;
    }

    static double Rate(VersionTraffic traffic) => (traffic.Failures + 1.0) / (traffic.Requests + 2.0);

    static string Percent(VersionTraffic traffic) =>
        traffic.Requests == 0 ? "none" : $"{100.0 * traffic.Failures / traffic.Requests:0.##} %";
}
