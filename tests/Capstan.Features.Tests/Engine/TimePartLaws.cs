using Capstan.Data;

namespace Capstan.Features.Tests;

public sealed class TimePartLaws
{
    const int Seed = 20260725;

    static readonly (string Name, Func<DateTime, double> Of)[] Parts =
    [
        ("year", moment => moment.Year), ("month", moment => moment.Month), ("day", moment => moment.Day), ("hour", moment => moment.Hour),
        ("minute", moment => moment.Minute), ("second", moment => moment.Second), ("weekday", moment => ((int)moment.DayOfWeek + 6) % 7),
        ("day_of_year", moment => moment.DayOfYear), ("epoch_seconds", moment => (moment - DateTime.UnixEpoch).Ticks / 10 / 1e6),
    ];

    [Fact]
    public void The_parts_of_any_time_are_those_of_the_class_library()
    {
        var random = new Random(Seed);
        var times = Enumerable.Range(0, 20_000)
            .Select(row => new DateTime(row % 4 == 0 ? random.NextInt64(DateTime.MaxValue.Ticks) : DateTime.UnixEpoch.Ticks + random.NextInt64(-1L << 54, 1L << 54)))
            .Select(moment => new DateTime(moment.Ticks / 10 * 10))
            .Concat([DateTime.UnixEpoch, DateTime.UnixEpoch.AddTicks(-10), new DateTime(1, 1, 1), new DateTime(9999, 12, 31, 23, 59, 59), new DateTime(2000, 2, 29), new DateTime(1900, 3, 1)])
            .ToArray();
        var schema = new Schema([new Field("t", DataType.Timestamp)]);
        var builder = new BatchBuilder(schema);
        Array.ForEach(times, moment => builder.Columns[0].Append(Timestamps.FromDateTime(moment)));
        foreach (var (name, of) in Parts)
        {
            var part = new FrozenExpression(schema, ExprParser.Parse($"{name}(t)"));
            var values = new double[times.Length];
            part.Apply(builder.Batch, values, part.CreateWorkspace());
            for (var row = 0; row < times.Length; row++)
            {
                Assert.True(of(times[row]) == values[row], $"seed {Seed}: {name} of {times[row]:O} is {values[row]}, expected {of(times[row])}");
            }
        }
    }

    [Fact]
    public void Every_part_is_looked_at() => Assert.Equal(FunctionNames.Time.Keys.Order(), Parts.Select(part => part.Name).Order());
}
