using System.Diagnostics;

namespace Capstan.Parameters.Tests;

public sealed class SpanPaceTests
{
    sealed class Clock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }

    [Fact]
    public void Ten_steps_a_second_are_traced_with_their_parts_and_the_others_cost_nothing()
    {
        var (clock, parts) = (new Clock(), 0);
        var pace = new SpanPace(clock);
        Assert.Null(pace.StartStep()); // nobody listens
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Capstan.Parameters", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var steps = 0;
        for (; clock.Milliseconds < 2000; clock.Milliseconds++)
        {
            using var step = pace.StartStep();
            using var part = SpanPace.StartBelow(step, "pull");
            steps += step is null ? 0 : 1;
            parts += part is not null && part.ParentSpanId == step!.SpanId ? 1 : 0; // only below one
        }

        Assert.Equal((20, 20), (steps, parts));
    }
}
