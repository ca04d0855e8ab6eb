namespace Capstan.Conformance.Tests;

/// <summary>A trip with columns of every type, three labels that follow from them, and a weight.</summary>
sealed record EstimatorRow(
    double? Distance, int? Riders, string? Vendor, bool? Night, DateTime? Pickup, double? Fare, bool? Late, string? Level, double Weight = 1);

/// <summary>Rows for every estimator, a twentieth of the values missing.</summary>
static class EstimatorRows
{
    public static EstimatorRow[] Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (distance, vendor, night) = (Math.Round(random.NextDouble() * 20, 2), "ABCD"[random.Next(4)].ToString(), random.Next(4) == 0);
            var pickup = new DateTime(2001, 1, 1).AddMinutes(random.Next(60 * 24 * 60));
            var effort = distance + (vendor == "A" ? 6 : 0) + (night ? -4 : 0) + random.NextDouble();
            return new EstimatorRow(
                Present(distance), Present(random.Next(1, 6)), random.Next(20) == 0 ? null : vendor, Present(night), Present(pickup),
                2.5 + 2 * effort, effort > 10, effort < 6 ? "low" : effort < 14 ? "middle" : "high");
        })];

        T? Present<T>(T value)
            where T : struct => random.Next(20) == 0 ? null : value;
    }

    /// <summary>The same trips with labels that say the opposite, and no weight.</summary>
    public static EstimatorRow Opposite(EstimatorRow row) => row with
    {
        Fare = 45 - row.Fare, Late = !row.Late, Level = row.Level == "low" ? "high" : row.Level == "high" ? "low" : row.Level, Weight = 0,
    };
}
