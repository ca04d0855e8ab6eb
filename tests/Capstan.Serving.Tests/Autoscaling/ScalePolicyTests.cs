using Capstan.Data;

namespace Capstan.Serving.Tests.Autoscaling;

public sealed class ScalePolicyTests
{
    static readonly DateTimeOffset Noon = new(2001, 3, 31, 12, 0, 0, TimeSpan.Zero);

    static ScaleDecision Decide(double stable, double panic, int ready, ScaleSettings? settings = null, ScaleState? state = null, int seconds = 0) =>
        new ScalePolicy(settings ?? new ScaleSettings { MaxNodes = 100 }).Decide(stable, panic, ready, state ?? ScaleState.Start, Noon.AddSeconds(seconds));

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(70, 70, 1, 1)]
    [InlineData(71, 71, 1, 2)]
    [InlineData(700, 700, 10, 10)]
    [InlineData(10, 500, 0, 8)]
    public void The_load_divided_by_the_target_rounded_up(double stable, double panic, int ready, int expected) =>
        Assert.Equal(expected, Decide(stable, panic, ready).Replicas);

    [Fact]
    public void Twice_the_capacity_is_a_panic_in_which_nothing_is_scaled_down()
    {
        var first = Decide(80, 700, 2);
        Assert.Equal(10, first.Replicas);
        Assert.StartsWith("panic: 700 requests in progress over 6 s", first.Reason);
        var later = Decide(60, 60, 10, state: first.Next, seconds: 59);
        Assert.Equal(10, later.Replicas);
        var over = Decide(60, 60, 10, state: later.Next, seconds: 100);
        Assert.Equal(5, over.Replicas); // At most half at a time.
    }

    [Fact]
    public void An_idle_model_keeps_its_last_replica_for_the_grace_and_then_has_none()
    {
        var settings = new ScaleSettings { ScaleDownDelaySeconds = 0 };
        var first = Decide(0, 0, 1, settings);
        Assert.Equal((1, "idle; to zero in 30 s"), (first.Replicas, first.Reason));
        var last = Decide(0, 0, 1, settings, first.Next, 30);
        Assert.Equal((0, "idle for 90 s"), (last.Replicas, last.Reason));
        Assert.Equal(1, Decide(0, 0, 1, settings with { MinNodes = 1 }, first.Next, 30).Replicas);
        Assert.Equal("idle; to zero in 30 s", Decide(0, 0, 1, settings, Decide(3, 3, 1, settings, first.Next, 29).Next, 60).Reason);
    }

    [Fact]
    public void Limits_and_a_number_by_hand_come_before_the_load()
    {
        Assert.Equal((4, "700 requests in progress over 60 s, 70 for each; 10 wanted, at most 4 allowed"),
            Decide(700, 700, 8, new ScaleSettings()) is var most ? (most.Replicas, most.Reason) : default);
        Assert.Equal(2, Decide(0, 0, 2, new ScaleSettings { MinNodes = 2 }).Replicas);
        Assert.Equal((3, "3 by hand"), Decide(0, 0, 0, new ScaleSettings { ManualNodes = 3 }) is var hand ? (hand.Replicas, hand.Reason) : default);
    }

    [Fact]
    public void Fewer_replicas_come_only_when_fewer_were_enough_for_the_whole_delay()
    {
        var busy = Decide(140, 140, 2);
        var calm = Decide(50, 50, 2, state: busy.Next, seconds: 29);
        Assert.Equal(2, calm.Replicas);
        Assert.Equal(1, Decide(50, 50, 2, state: calm.Next, seconds: 31).Replicas);
    }

    [Theory]
    [InlineData(69)]
    [InlineData(70)]
    [InlineData(71)]
    [InlineData(139)]
    [InlineData(200)]
    public void A_constant_load_with_noise_never_goes_to_and_fro(double load)
    {
        // Four hours, a decision every 2 seconds, the load of every second drawn like that of Poisson arrivals.
        var random = new SeededRandom(1);
        var policy = new ScalePolicy(new ScaleSettings { MaxNodes = 100 });
        var (ready, changes, state) = (0, 0, ScaleState.Start);
        var seconds = new Queue<double>();
        for (var second = 0; second < 4 * 3600; second++)
        {
            seconds.Enqueue(Math.Max(0, load + random.NextNormal() * Math.Sqrt(load)));
            if (seconds.Count > 60)
            {
                seconds.Dequeue();
            }

            if (second % 2 == 0)
            {
                var decision = policy.Decide(seconds.Average(), seconds.TakeLast(6).Average(), ready, state, Noon.AddSeconds(second));
                changes += decision.Replicas == ready ? 0 : 1;
                (ready, state) = (decision.Replicas, decision.Next);
            }
        }

        Assert.InRange(changes, 1, 4); // In four hours, of which the first minute's are the load's arrival.
    }

    [Theory]
    [InlineData("minNodes", -1, 4, null, 70.0)]
    [InlineData("maxNodes", 3, 2, null, 70.0)]
    [InlineData("manualNodes", 0, 4, -1, 70.0)]
    [InlineData("target", 0, 4, null, 0.0)]
    public void Settings_out_of_range_are_refused_by_name(string name, int min, int max, int? manual, double target) => Assert.StartsWith(
        name, Assert.Throws<ArgumentException>(
            () => new ScaleSettings { MinNodes = min, MaxNodes = max, ManualNodes = manual, Target = target }.Check()).Message);
}
