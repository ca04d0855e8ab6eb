namespace Capstan.Serving.Tests.Autoscaling;

public sealed class LoadMeterTests
{
    sealed class Clock : TimeProvider
    {
        long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }

    [Fact]
    public void Requests_in_progress_are_averaged_over_time()
    {
        var clock = new Clock();
        var meter = new LoadMeter(clock);
        meter.Arrive();
        meter.Arrive();
        Assert.Equal(2, meter.Average(ScaleMetric.Concurrency, TimeSpan.FromSeconds(60)));
        clock.Advance(2.5);
        meter.Leave();
        clock.Advance(0.5);
        Assert.Equal((2 + 2 + 1.5) / 3, meter.Average(ScaleMetric.Concurrency, TimeSpan.FromSeconds(60)), 9);
        Assert.Equal(1.5, meter.Average(ScaleMetric.Concurrency, TimeSpan.FromSeconds(1)), 9);
        Assert.Equal(2.0 / 3, meter.Average(ScaleMetric.RequestsPerSecond, TimeSpan.FromSeconds(60)), 9);
        meter.Leave();
        clock.Advance(60);
        Assert.Equal(0, meter.Average(ScaleMetric.Concurrency, TimeSpan.FromSeconds(60)));
        Assert.Equal(0, meter.InProgress);
    }

    [Fact]
    public void A_day_without_a_look_is_no_harm()
    {
        var clock = new Clock();
        var meter = new LoadMeter(clock);
        meter.Arrive();
        clock.Advance(86_400);
        Assert.Equal(1, meter.Average(ScaleMetric.Concurrency, TimeSpan.FromSeconds(3600)));
        Assert.Equal(0, meter.Average(ScaleMetric.RequestsPerSecond, TimeSpan.FromSeconds(3600)));
    }

    [Fact]
    public void Processor_time_is_processors_busy()
    {
        var clock = new Clock();
        var meter = new LoadMeter(clock);
        meter.AddBusy(TimeSpan.FromSeconds(1.5));
        clock.Advance(1);
        Assert.Equal(1.5, meter.Average(ScaleMetric.Cpu, TimeSpan.FromSeconds(6)));
    }
}
