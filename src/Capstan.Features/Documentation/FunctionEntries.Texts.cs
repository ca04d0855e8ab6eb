namespace Capstan.Features;

/// <summary>Functions of texts, times and places.</summary>
public static partial class FunctionEntries
{
    static FunctionEntry[] Times =>
    [
        new("year(t)", "the year"),
        new("month(t)", "1 to 12"),
        new("day(t)", "1 to 31"),
        new("hour(t)", "0 to 23"),
        new("minute(t)", "0 to 59"),
        new("second(t)", "0 to 59"),
        new("weekday(t)", "0 = Monday to 6 = Sunday"),
        new("day_of_year(t)", "1 to 366"),
        new("epoch_seconds(t)", "seconds since 1970-01-01T00:00:00, with their fraction"),
        new("is_weekend(t)", "true on Saturday and Sunday"),
        new("date('2001-06-30')", "a time: midnight of that day", "there is none"),
        new("timestamp('2001-06-30T17:45:00')", "a time; `Z` or an offset such as `+02:00` at the end converts it to UTC", "there is none"),
        new("seconds_between(t, date('2001-06-30'))", "seconds from the first to the second, with their fraction; negative if the second is earlier"),
        new("in_zone(t, 'Europe/Berlin')", "a time: what clocks there show at the UTC instant t; the zone's rules are kept in the model"),
    ];

    static FunctionEntry[] Texts =>
    [
        new("lower(w)", "in lower case, code point by code point, by no language's rules"),
        new("upper(w)", "in upper case; `ß` stays `ß`"),
        new("trim(w)", "without white space at its ends"),
        new("length(w)", "the number of code points"),
        new("substring(w, 0, 3)", "from code point 0, at most 3 of them; a negative start is 0"),
        new("replace(w, 'a', 'oo')", "every `a` replaced, from left to right; an empty text to look for replaces nothing"),
        new("concat(w, '-', c)", "one after the other; at most 1 MiB of UTF-8, missing beyond"),
        new("contains(w, 'ap')", "whether the part stands in it"),
        new("starts_with(w, 'Cap')", "true or false"),
        new("ends_with(w, 'n')", "true or false"),
        new("split_part(w, ',', 0)", "the first part between commas; missing if there are fewer parts"),
        new("text(x)", "the number as text, as categories see it: `17`, `0.5`, `1E+20`"),
        new("number(w)", "the decimal number that the text writes (`17`, ` -0.5 `, `1e20`); missing if it writes none"),
    ];

    static FunctionEntry[] Places =>
    [
        new(
            "haversine(y, x, 52.52, 13.405)",
            "kilometres between two points, each latitude, longitude in degrees, along the great circle of a sphere of radius 6371.0088; " +
            "missing beyond latitude ±90"),
        new("bearing(y, x, 52.52, 13.405)", "the direction in which that way begins: degrees from north over east, 0 to below 360"),
        new("grid(y, x, 10)", "a text: the cell `row:column` of the latitude and longitude among 10 cells for each degree"),
    ];
}
