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
        new("date('2001-06-30')", "midnight of that day", NotMissing),
        new("timestamp('2001-06-30T17:45:00')", "the time that is written; `Z` or an offset such as `+02:00` at the end converts it to UTC", NotMissing),
        new("seconds_between(t, date('2001-06-30'))", "seconds from the first to the second, with their fraction; negative if the second is earlier"),
        new("in_dates(t, ['2001-06-30', '2001-12-25'])", "whether t is on one of the dates, such as holidays"),
        new("days_to(t, ['2001-06-30', '2001-12-25'])", "whole days until the next of the dates, 0 on one; missing after the last"),
        new("days_since(t, ['2000-01-01', '2001-06-30'])", "whole days since the latest of the dates, 0 on one; missing before the first"),
        new("in_zone(t, 'Europe/Berlin')", "what clocks there show at the UTC instant t; the zone's rules are kept in the model"),
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
        new("regex_matches(w, '^[A-Z][a-z]+$')", "whether the pattern is found anywhere in it; .NET's syntax without culture and without what needs backtracking"),
        new("regex_extract(w, '([A-Z])[a-z]+', 1)", "the first match's group 1; without a number the whole match; missing if there is none"),
        new("regex_replace(w, '[a-z]', '.')", "every match replaced; in the new text `$1` is the first group, `$0` the match, `$$` a dollar"),
        new("normalize(w, 'NFKC')", "in Unicode's normal form: `NFKC` unites variants (`ﬁ` → `fi`), `NFC`, the default, only spellings (`e` with an accent after it → `é`)"),
        new("strip_accents(w)", "without accents; `ß`, `ø` and `ł` are letters of their own and stay"),
        new("index_of(w, 'a')", "the code point, from 0, at which the part begins; missing if it does not stand there"),
        new("occurrences(w, 'a')", "how often the part stands in it"),
        new("pad_left(w, 5, '0')", "at least 5 code points long, by zeros in front"),
        new("text(x)", "the number as categories see it: `17`, `0.5`, `1E+20`"),
        new("number(w)", "the decimal number that the text writes (`17`, ` -0.5 `, `1e20`); missing if it writes none"),
    ];

    static FunctionEntry[] Places =>
    [
        new(
            "haversine(y, x, 52.52, 13.405)",
            "kilometres between two points, each latitude, longitude in degrees, along the great circle of a sphere of radius 6371.0088; " +
            "missing beyond latitude ±90"),
        new("bearing(y, x, 52.52, 13.405)", "the direction in which that way begins: degrees from north over east, 0 to below 360"),
        new("grid(y, x, 10)", "the cell `row:column` of the latitude and longitude among 10 cells for each degree"),
    ];
}
