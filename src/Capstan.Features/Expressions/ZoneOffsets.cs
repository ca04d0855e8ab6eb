using System.Collections.Concurrent;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What clocks of a time zone show, as constants: from <c>Starts[i]</c> on (UTC, microseconds since 1970) they are
/// <c>OffsetSeconds[i + 1]</c> ahead of UTC, before the first start <c>OffsetSeconds[0]</c>. Compares by value.
/// </summary>
/// <remarks>
/// The constants are kept with the model, so that a zone means in serving what it meant in training, whatever its laws have
/// become since: docs/decisions/0092.
/// </remarks>
/// <param name="Starts">Strictly increasing.</param>
/// <param name="OffsetSeconds">One more than starts; each within ±<see cref="LargestOffset"/>.</param>
public sealed record ZoneOffsets(string Name, ValueList<long> Starts, ValueList<int> OffsetSeconds)
{
    /// <summary>Seconds. Zones in use are within 15 hours.</summary>
    public const int LargestOffset = 86_400;

    static readonly DateTime First = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    static readonly DateTime Last = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    static readonly ConcurrentDictionary<string, ZoneOffsets> Known = new(StringComparer.Ordinal);

    /// <summary>
    /// The zone as this machine's time zone database has it, from 1900 to 2099; the first and last offset hold beyond.
    /// </summary>
    /// <param name="name">Such as Europe/Berlin or UTC.</param>
    /// <exception cref="ExpressionException">The database has no such zone.</exception>
    public static ZoneOffsets OfSystem(string name) => Known.GetOrAdd(name, Read);

    /// <summary>What is wrong about constants that were read from somewhere; null where nothing is.</summary>
    internal string? Misfit()
    {
        for (var index = 1; index < Starts.Count; index++)
        {
            if (Starts[index] <= Starts[index - 1])
            {
                return $"the changes of the zone '{Name}' are not in order of time";
            }
        }

        return OffsetSeconds.Count != Starts.Count + 1
            ? $"the zone '{Name}' has {Starts.Count} changes and {OffsetSeconds.Count} offsets"
            : OffsetSeconds.Any(offset => offset is < -LargestOffset or > LargestOffset)
                ? $"an offset of the zone '{Name}' is beyond a day" : null;
    }

    static ZoneOffsets Read(string name)
    {
        var zone = Find(name);
        var (starts, offsets) = (new List<long>(), new List<int> { OffsetAt(zone, First) });
        // No zone has changed its clocks twice within twelve hours.
        for (var day = First; day < Last; day = day.AddHours(12))
        {
            var (before, after) = (day, day.AddHours(12));
            if (OffsetAt(zone, after) == offsets[^1])
            {
                continue;
            }

            while (after - before > TimeSpan.FromTicks(TimeSpan.TicksPerSecond))
            {
                var middle = before.AddSeconds((long)(after - before).TotalSeconds / 2);
                (before, after) = OffsetAt(zone, middle) == offsets[^1] ? (middle, after) : (before, middle);
            }

            starts.Add(Timestamps.FromDateTime(after));
            offsets.Add(OffsetAt(zone, after));
        }

        return new ZoneOffsets(name, [.. starts], [.. offsets]);
    }

    static int OffsetAt(TimeZoneInfo zone, DateTime time) => (int)zone.GetUtcOffset(time).TotalSeconds;

    static TimeZoneInfo Find(string name)
    {
        try
        {
            // The database is a folder: a name must not lead out of it.
            return name.Length > 0 && char.IsAsciiLetter(name[0]) &&
                name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+' or '/')
                ? TimeZoneInfo.FindSystemTimeZoneById(name)
                : throw new TimeZoneNotFoundException();
        }
        catch (Exception problem) when (problem is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new ExpressionException(
                new TextExpr(name), "there is no such time zone on this machine; expected a name of the IANA database, such " +
                    "as 'Europe/Berlin' or 'UTC'.");
        }
    }
}
