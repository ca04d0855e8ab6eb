using Capstan.Data;

namespace Capstan.Features;

// The numbers of this enumeration are written into artifacts and never reused.

/// <summary>
/// Functions whose operands and result have one fixed kind each; see <see cref="CallExpr"/>. Missing if an operand is.
/// </summary>
public enum ScalarFunction : byte
{
    /// <summary>Text in lower case, by Unicode's simple mapping of single code points and the invariant culture.</summary>
    Lower = 1,

    /// <summary>
    /// Text in upper case, by Unicode's simple mapping of single code points and the invariant culture: ß stays ß.
    /// </summary>
    Upper = 2,

    /// <summary>Text without Unicode white space at its ends.</summary>
    Trim = 3,

    /// <summary>The number of code points of a text.</summary>
    Length = 4,

    /// <summary>
    /// Code points of a text: (text, start, count). Start is 0-based, and 0 if negative; fewer than count where the text ends,
    /// none if count is negative. Fractions of both are dropped downwards.
    /// </summary>
    Substring = 5,

    /// <summary>(text, old, new): every occurrence of old, from left to right, replaced. An empty old replaces nothing.</summary>
    Replace = 6,

    /// <summary>One or more texts, one after the other.</summary>
    Concat = 7,

    /// <summary>(text, part): whether the part stands in the text, code point by code point. An empty part always does.</summary>
    Contains = 8,
    StartsWith = 9,
    EndsWith = 10,

    /// <summary>
    /// (text, separator, index): the part with this 0-based index among those between separators; missing if there are fewer. An
    /// empty separator separates nothing.
    /// </summary>
    SplitPart = 11,

    /// <summary>
    /// A number as text, the way <see cref="CategoryText"/> writes it: integer columns with all their digits, truths as 1 and 0.
    /// </summary>
    TextOf = 12,

    /// <summary>
    /// The decimal number that a text writes (17, -0.5, 1e20, with spaces around it); missing if it writes none.
    /// </summary>
    NumberOf = 13,

    /// <summary>x to the power y; missing where that is no finite real number. The power 0 of any number is 1.</summary>
    Power = 20,

    /// <summary>The nearest whole number; halves go to the even one.</summary>
    Round = 21,

    /// <summary>−1, 0 or 1.</summary>
    Sign = 22,

    /// <summary>(y, x): the angle of the point in radians, −π to π; 0 at the origin.</summary>
    ArcTangent = 23,
    HyperbolicTangent = 24,

    /// <summary>Logarithm to base 10; missing for x ≤ 0.</summary>
    LogTen = 25,

    /// <summary>
    /// (start, end): the seconds from one time to the other, with their fraction; times are limited to the years 1 to 9999.
    /// </summary>
    SecondsBetween = 30,

    /// <summary>
    /// (latitude 1, longitude 1, latitude 2, longitude 2), degrees: the great-circle distance in kilometres on a sphere of radius
    /// 6371.0088; missing where a latitude is not from −90 to 90.
    /// </summary>
    Haversine = 40,

    /// <summary>
    /// As <see cref="Haversine"/>: the bearing at the first point, in degrees from north over east, 0 to below 360.
    /// </summary>
    Bearing = 41,

    /// <summary>(text, pattern): whether the <see cref="TextPattern"/> is found anywhere in the text.</summary>
    RegexMatches = 50,

    /// <summary>
    /// (text, pattern, group): what the pattern's first match has in its group with this number, 0 being the whole match; missing
    /// without a match, or where the group takes no part in it.
    /// </summary>
    RegexExtract = 51,

    /// <summary>
    /// (text, pattern, new): every match replaced; in the new text $1 is the first group, $0 the match, $$ a dollar.
    /// </summary>
    RegexReplace = 52,

    /// <summary>(text, form): the text in Unicode's normal form NFC or NFKC; see <see cref="TextForm"/>.</summary>
    Normalize = 53,

    /// <summary>A text without accents and other combining marks; see <see cref="TextForm.WithoutMarks"/>.</summary>
    StripAccents = 54,

    /// <summary>(text, part): the 0-based code point at which the part first stands; missing where it does not.</summary>
    IndexOf = 55,

    /// <summary>
    /// (text, part): how often the part stands in the text, counted from left to right without overlaps; 0 for an empty part.
    /// </summary>
    Occurrences = 56,

    /// <summary>
    /// (text, width, fill): the text with as many fills, one code point each, before it as make it at least so many code points
    /// long.
    /// </summary>
    PadLeft = 57,

    /// <summary>
    /// (text, separator): the list of the parts between separators; none of an empty text. An empty separator separates nothing.
    /// </summary>
    Split = 60,

    /// <summary>The list of a text's words: its longest runs of letters, combining marks and digits.</summary>
    Words = 61,

    /// <summary>The list of a text's code points.</summary>
    Characters = 62,

    /// <summary>
    /// (list, min, max, separator): every min to max items that stand next to each other, joined; by where they begin, short ones
    /// first.
    /// </summary>
    NGrams = 63,

    /// <summary>A list without what stands in it before.</summary>
    Distinct = 64,

    /// <summary>The number of a list's items.</summary>
    Count = 65,

    /// <summary>(list, index): the item with this 0-based index, fractions dropped downwards; missing if there is none.</summary>
    Item = 66,

    /// <summary>(list, separator): the items as one text.</summary>
    Join = 67,

    /// <summary>(list, text): whether an item equals the text.</summary>
    Includes = 68,
}
