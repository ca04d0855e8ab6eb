using Capstan.Data;
using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class ZoneOffsetsTests
{
    [Theory]
    [InlineData("Europe/Berlin", "2001-03-25 00:59:59", 1)]
    [InlineData("Europe/Berlin", "2001-03-25 01:00:00", 2)]
    [InlineData("Europe/Berlin", "2001-10-28 00:59:59.999999", 2)]
    [InlineData("Europe/Berlin", "2001-10-28 01:00:00", 1)]
    [InlineData("America/New_York", "2024-03-10 06:59:59", -5)]
    [InlineData("America/New_York", "2024-03-10 07:00:00", -4)]
    [InlineData("Asia/Kathmandu", "2000-02-29 12:00:00", 5.75)]
    [InlineData("Australia/Lord_Howe", "2024-01-01", 11)]
    [InlineData("Australia/Lord_Howe", "2024-07-01", 10.5)]
    [InlineData("UTC", "1970-01-01", 0)]
    public void Clocks_are_ahead_of_utc_by(string zone, string instant, double hours) =>
        Assert.Equal([hours * 3600, null], Evaluate.Numbers($"seconds_between(t, in_zone(t, '{zone}'))", Of(Times("t", instant, null))));

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Pacific/Apia")]
    [InlineData("Australia/Lord_Howe")]
    public void A_zone_is_that_of_dotnet(string name)
    {
        var (zone, system, random) = (ZoneOffsets.OfSystem(name), TimeZoneInfo.FindSystemTimeZoneById(name), new Random(3));
        var instants = Enumerable.Range(0, 3000).Select(_ => new DateTime(1900, 1, 1).AddSeconds(random.NextInt64(199L * 365 * 86_400)))
            .Concat(zone.Starts.SelectMany(start => new[] { start - 1, start, start + 1 }).Select(Timestamps.ToDateTime)).ToArray();
        var expr = ExprParser.Parse($"seconds_between(t, in_zone(t, '{name}'))");
        var builder = new BatchBuilder(new Schema([new Field("t", DataType.Timestamp)]));
        foreach (var instant in instants)
        {
            builder.Columns[0].Append(Timestamps.FromDateTime(instant));
        }

        Assert.Equal(
            instants.Select(instant => (double?)system.GetUtcOffset(DateTime.SpecifyKind(instant, DateTimeKind.Utc)).TotalSeconds),
            Evaluate.Numbers(expr, builder.Batch));
    }

    [Fact]
    public void Times_at_the_ends_of_the_calendar_stay_in_it()
    {
        var rows = Of(Times("t", "0001-01-01", "9999-12-31 23:59:59.999999"));
        Assert.Equal([1, 1], Evaluate.Numbers("year(in_zone(t, 'America/New_York')) * 0 + 1", rows));
        Assert.Equal(9999, Evaluate.Numbers("year(in_zone(t, 'Europe/Berlin'))", rows)[1]);
        Assert.Equal(1, Evaluate.Numbers("year(in_zone(t, 'America/New_York'))", rows)[0]);
    }

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("")]
    [InlineData("/etc/localtime")]
    public void A_zone_that_is_not_there_is_named(string name) =>
        Assert.Contains($"In ''{name}''", Assert.Throws<ExpressionException>(() => Expressions.InZone(Expressions.Col("t"), name)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_stored_zone_means_what_it_meant_whatever_the_machine_knows()
    {
        // As if written where Berlin keeps summer time for ever from 2001 on.
        var zone = new ZoneOffsets("Europe/Berlin", [Timestamps.FromDateTime(new DateTime(2001, 1, 1))], [3600, 7200]);
        var schema = new Schema([new Field("t", DataType.Timestamp)]);
        var written = new FrozenTransform(schema, [("f", Expressions.Hour(new InZoneExpr(Expressions.Col("t"), zone)))]);
        var read = StoredState.FromBytes<FrozenTransform>(written.ToBytes());
        Assert.Equal(written.Hash, read.Hash);
        Assert.Equal([1f, 2f], Apply(read, Of(Times("t", "2000-12-31", "2001-12-31"))));
    }

    [Theory]
    [InlineData(new long[] { 5, 5 }, new[] { 0, 1, 2 }, "not in order of time")]
    [InlineData(new long[] { 5 }, new[] { 0 }, "has 1 changes and 1 offsets")]
    [InlineData(new long[] { }, new[] { 86_401 }, "beyond a day")]
    public void A_stored_zone_that_cannot_be_is_refused(long[] starts, int[] offsets, string problem)
    {
        var expr = Expressions.Hour(new InZoneExpr(Expressions.Timestamp(new DateTime(2001, 1, 1)), new ZoneOffsets("X", [.. starts], [.. offsets])));
        var writer = new System.Formats.Cbor.CborWriter();
        ExprCodec.Write(writer, expr);
        var reader = new System.Formats.Cbor.CborReader(writer.Encode());
        Assert.Contains(problem, Assert.Throws<CorruptStateException>(() => ExprCodec.Read(reader)).Message, StringComparison.Ordinal);
    }
}
