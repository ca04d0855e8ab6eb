using System.Globalization;

namespace Capstan.Cli;

/// <summary>How far and how fast, in words.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all, or null where that is not known.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Elapsed">Since the stage began.</param>
readonly record struct Pace(long Done, long? Total, string Unit, TimeSpan Elapsed)
{
    /// <summary>Units per second; 0 before any time has passed.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Done / Elapsed.TotalSeconds : 0;

    /// <summary>0 to 1, or null without a total.</summary>
    public double? Share => Total is > 0 ? Math.Min(1, Done / (double)Total) : null;

    /// <summary>Time to the end if the rate so far holds; null where that can't be told.</summary>
    public TimeSpan? Remaining =>
        Total is { } total && Rate > 0 && Done <= total ? TimeSpan.FromSeconds((total - Done) / Rate) : null;

    /// <summary>"37 % · 3.7 M of 10 M rows · 410 k rows/s · 15 s left".</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Share is { } share)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100):0} %"));
        }

        parts.Add(Total is { } total ? $"{Short(Done)} of {Short(total)} {Unit}" : $"{Short(Done)} {Unit}");
        if (Rate > 0)
        {
            parts.Add($"{Short(Rate)} {Unit}/s");
        }

        if (Remaining is { } remaining && remaining > TimeSpan.Zero)
        {
            parts.Add($"{Short(remaining)} left");
        }

        return string.Join(" · ", parts);
    }

    /// <summary>Three significant digits at most: 950, 1.2 k, 37 M.</summary>
    public static string Short(double number)
    {
        var (scaled, suffix) = Math.Abs(number) switch
        {
            >= 999_500_000 => (number / 1e9, " G"),
            >= 999_500 => (number / 1e6, " M"),
            >= 999.5 => (number / 1e3, " k"),
            _ => (number, ""),
        };
        var format = suffix.Length == 0 && scaled == Math.Floor(scaled) || Math.Abs(scaled) >= 9.95 ? "0" : "0.#";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + suffix;
    }

    public static string Short(TimeSpan time) => time switch
    {
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes):0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
    };
}
