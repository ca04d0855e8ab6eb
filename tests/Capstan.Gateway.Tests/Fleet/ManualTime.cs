namespace Capstan.Gateway.Tests.Fleet;

/// <summary>A clock that the test moves.</summary>
sealed class ManualTime : TimeProvider
{
    long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2001, 3, 31, 12, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public void Advance(double seconds) => Interlocked.Add(ref _ticks, TimeSpan.FromSeconds(seconds).Ticks);
}
