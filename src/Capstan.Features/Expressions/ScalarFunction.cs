namespace Capstan.Features;

// The numbers of this enumeration are written into artifacts and never reused.

/// <summary>Functions whose operands and result have one fixed kind each; see <see cref="CallExpr"/>. Missing if an operand is.</summary>
public enum ScalarFunction : byte
{
    /// <summary>Text in lower case, by Unicode's simple mapping of single code points and the invariant culture.</summary>
    Lower = 1,

    /// <summary>Text in upper case, by Unicode's simple mapping of single code points and the invariant culture: ß stays ß.</summary>
    Upper = 2,

    /// <summary>Text without Unicode white space at its ends.</summary>
    Trim = 3,

    /// <summary>The number of code points of a text.</summary>
    Length = 4,

    /// <summary>
    /// Code points of a text: (text, start, count). Start is 0-based, and 0 if negative; fewer than count where the text ends, none if
    /// count is negative. Fractions of both are dropped downwards.
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
    /// (text, separator, index): the part with this 0-based index among those between separators; missing if there are fewer. An empty
    /// separator separates nothing.
    /// </summary>
    SplitPart = 11,

    /// <summary>A number as text, the way <see cref="CategoryText"/> writes it: integer columns with all their digits, truths as 1 and 0.</summary>
    TextOf = 12,

    /// <summary>The decimal number that a text writes (17, -0.5, 1e20, with spaces around it); missing if it writes none.</summary>
    NumberOf = 13,
}
