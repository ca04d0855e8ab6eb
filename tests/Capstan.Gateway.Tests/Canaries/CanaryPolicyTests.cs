using Capstan.Data;

namespace Capstan.Gateway.Tests.Canaries;

public sealed class CanaryPolicyTests
{
    static readonly CanarySettings Settings = new("v2");

    static VersionTraffic Traffic(string version, int requests, int failures, double milliseconds)
    {
        var traffic = new VersionTraffic(version);
        for (var request = 0; request < requests; request++)
        {
            traffic.Add(request < failures, TimeSpan.FromMilliseconds(milliseconds));
        }

        return traffic;
    }

    static string? Judge(int requests, int failures, double milliseconds, int usualFailures = 0) =>
        CanaryPolicy.Judge(Settings, [Traffic("v1", 5000, usualFailures, 1), Traffic("v2", requests, failures, milliseconds)]);

    [Fact]
    public void Errors_beyond_chance_and_allowance_end_a_trial_with_the_reason()
    {
        Assert.Null(Judge(199, 199, 1));
        Assert.Null(Judge(1000, 0, 1));
        Assert.Null(Judge(1000, 12, 1));
        Assert.Equal(
            "version v2 failed 60 of 1,000 requests (6 %), the others 0 of 5,000 (0 %); 1 points more are allowed", Judge(1000, 60, 1));
        Assert.Null(Judge(1000, 60, 1, usualFailures: 300));
    }

    [Fact]
    public void Answers_that_take_too_long_end_a_trial()
    {
        Assert.Null(Judge(1000, 0, 1.9));
        Assert.Contains("95 % of its requests within", Judge(1000, 0, 3));
    }

    [Fact]
    public void A_good_version_survives_a_look_every_two_seconds_for_an_hour()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var random = new SeededRandom(seed);
            var (v1, v2) = (new VersionTraffic("v1"), new VersionTraffic("v2"));
            for (var look = 0; look < 1800; look++)
            {
                for (var request = 0; request < 10; request++)
                {
                    (random.NextInt32(10) == 0 ? v2 : v1).Add(random.NextInt32(200) == 0, TimeSpan.FromMilliseconds(1 + random.NextDouble()));
                }

                Assert.Null(CanaryPolicy.Judge(Settings, [v1, v2]));
            }
        }
    }

    [Fact]
    public void Quantiles_are_right_to_a_tenth()
    {
        var latencies = new LatencyCounts();
        for (var each = 1; each <= 1000; each++)
        {
            latencies.Add(TimeSpan.FromMilliseconds(each));
        }

        Assert.InRange(latencies.Quantile(0.5).TotalMilliseconds, 500, 550);
        Assert.InRange(latencies.Quantile(0.99).TotalMilliseconds, 990, 1090);
        Assert.Equal(TimeSpan.Zero, new LatencyCounts().Quantile(0.5));
    }
}
