namespace Capstan.Data;

/// <summary>
/// Conversions between <see cref="DataType.Timestamp"/> values (microseconds since 1970-01-01) and .NET's types.
/// </summary>
public static class Timestamps
{
    public const long MicrosecondsPerSecond = 1_000_000;
    public const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;

    /// <summary>The first and last microsecond that <see cref="DateTime"/> can hold (years 1 to 9999).</summary>
    public static readonly long MinValue = FromDateTime(DateTime.MinValue);
    public static readonly long MaxValue = FromDateTime(DateTime.MaxValue);

    public static long FromDateTime(DateTime value) => (value.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Values beyond the years 1 to 9999 are clamped to them.</summary>
    public static DateTime ToDateTime(long microseconds) => new(
        Math.Clamp(microseconds, MinValue, MaxValue) * TimeSpan.TicksPerMicrosecond + DateTime.UnixEpoch.Ticks,
        DateTimeKind.Unspecified);
}
