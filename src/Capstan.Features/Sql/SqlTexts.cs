using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Functions of texts by their code points, as <see cref="ScalarFunction"/> defines them. A NULL makes the result NULL.</summary>
/// <remarks>
/// Databases fold case and find white space by data and rules of their own; so the characters of either are written into the
/// query, from the very data that the engine uses.
/// </remarks>
sealed class SqlTexts(SqlSteps steps, SqlDialect dialect)
{
    // Positions beyond any text, that still fit into every database's integer.
    const int LongestText = 1 << 30;

    static readonly Lazy<(string From, string To)> LowerCase = new(() => CaseMapping(Rune.ToLowerInvariant));
    static readonly Lazy<(string From, string To)> UpperCase = new(() => CaseMapping(Rune.ToUpperInvariant));
    static readonly Lazy<string> WhiteSpace = new(() => string.Concat(CodePoints().Where(Rune.IsWhiteSpace)));

    /// <exception cref="SqlNotSupportedException">The standard folds case as each database likes.</exception>
    public SqlValue ChangeCase(Expr expr, SqlValue text, bool toUpper)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard leaves the case of letters to the database.");
        }

        var (from, to) = (toUpper ? UpperCase : LowerCase).Value;
        var folded = $"translate({text.Text}, {SqlText.Text(expr, from, dialect)}, {SqlText.Text(expr, to, dialect)})";
        // Nearly all texts are ASCII, where the database is right and quicker.
        return steps.Add(
            $"CASE WHEN {Bytes(text)} = {Count(text)} THEN {(toUpper ? "upper" : "lower")}({text.Text}) ELSE {folded} END", text);
    }

    /// <exception cref="SqlNotSupportedException">The standard trims one character only.</exception>
    public SqlValue Trim(Expr expr, SqlValue text) => dialect switch
    {
        SqlDialect.DuckDb => steps.Add($"trim({text.Text}, {SqlText.Text(expr, WhiteSpace.Value, dialect)})", text),
        SqlDialect.PostgreSql => steps.Add($"btrim({text.Text}, {SqlText.Text(expr, WhiteSpace.Value, dialect)})", text),
        _ => throw new SqlNotSupportedException(expr, dialect, "the standard trims one character, not all white space."),
    };

    public SqlValue Length(SqlValue text) => steps.Add($"CAST({Count(text)} AS DOUBLE PRECISION)", text);

    public SqlValue Substring(SqlValue text, SqlValue start, SqlValue count)
    {
        var (first, most) = (Position(start), Position(count));
        return steps.Add(Part(text.Text, $"{first.Text} + 1", most.Text), text, first, most);
    }

    /// <exception cref="SqlNotSupportedException">The standard has no replacing.</exception>
    public SqlValue Replace(Expr expr, SqlValue text, SqlValue old, SqlValue with)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard has no replacing of a part by another.");
        }

        var found = Occurrences(text, old);
        // Looked at before it is made, since a database may refuse what would be too long.
        var total = steps.Add($"{Bytes(text)} + {found.Text} * ({Bytes(with)} - {Bytes(old)})", text, found, with, old);
        return steps.Add(
            $"CASE WHEN {total.Text} <= {TextLimits.LargestMade} THEN " +
            $"CASE WHEN {found.Text} = 0 THEN {text.Text} ELSE replace({text.Text}, {old.Text}, {with.Text}) END END",
            total, found, text, old, with);
    }

    public SqlValue Concat(SqlValue[] texts)
    {
        var total = steps.Add(string.Join(" + ", texts.Select(text => Bytes(text))), texts);
        return steps.Add(
            $"CASE WHEN {total.Text} <= {TextLimits.LargestMade} THEN {string.Join(" || ", texts.Select(text => text.Text))} END",
            [total, .. texts]);
    }

    public SqlValue Contains(SqlValue text, SqlValue part) => steps.Add(
        dialect == SqlDialect.DuckDb ? $"contains({text.Text}, {part.Text})" : $"POSITION({part.Text} IN {text.Text}) > 0", text, part);

    public SqlValue StartsWith(SqlValue text, SqlValue start) => steps.Add(
        dialect == SqlDialect.Ansi
            ? $"{Part(text.Text, "1", Count(start))} = {start.Text}"
            : $"starts_with({text.Text}, {start.Text})",
        text, start);

    public SqlValue EndsWith(SqlValue text, SqlValue end) => steps.Add(
        dialect switch
        {
            SqlDialect.DuckDb => $"ends_with({text.Text}, {end.Text})",
            SqlDialect.PostgreSql => $"right({text.Text}, {Count(end)}) = {end.Text}",
            _ => $"CASE WHEN {Count(text)} < {Count(end)} THEN FALSE " +
                $"ELSE {Part(text.Text, $"{Count(text)} - {Count(end)} + 1", Count(end))} = {end.Text} END",
        },
        text, end);

    /// <exception cref="SqlNotSupportedException">The standard has no splitting.</exception>
    public SqlValue SplitPart(Expr expr, SqlValue text, SqlValue separator, SqlValue index)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard has no splitting of texts.");
        }

        var found = Occurrences(text, separator);
        var part = Position(index);
        return steps.Add(
            $"CASE WHEN {index.Text} < {SqlText.Number(0, dialect)} OR {part.Text} > {found.Text} OR {index.Text} IS NULL THEN NULL " +
            $"WHEN {found.Text} = 0 THEN {text.Text} ELSE split_part({text.Text}, {separator.Text}, {part.Text} + 1) END",
            index, part, found, text, separator);
    }

    /// <summary>The 0-based code point at which a part first stands; NULL where it does not.</summary>
    public SqlValue IndexOf(SqlValue text, SqlValue part)
    {
        var at = steps.Add(
            dialect == SqlDialect.DuckDb
                // An empty part is the only one that DuckDB does not find.
                ? $"CASE WHEN {part.Text} = '' AND {text.Text} IS NOT NULL THEN 1 ELSE instr({text.Text}, {part.Text}) END"
                : $"POSITION({part.Text} IN {text.Text})",
            text, part);
        return steps.Add($"CASE WHEN {at.Text} > 0 THEN CAST({at.Text} - 1 AS DOUBLE PRECISION) END", at);
    }

    /// <exception cref="SqlNotSupportedException">The standard has no replacing, by which occurrences are counted.</exception>
    public SqlValue CountOf(Expr expr, SqlValue text, SqlValue part)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard does not count the occurrences of a text.");
        }

        var found = Occurrences(text, part);
        return steps.Add($"CAST({found.Text} AS DOUBLE PRECISION)", found);
    }

    /// <exception cref="SqlNotSupportedException">The standard repeats no text.</exception>
    public SqlValue PadLeft(Expr expr, SqlValue text, SqlValue width, SqlValue fill)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard repeats no text.");
        }

        var wanted = Position(width);
        var absent = steps.Add($"CASE WHEN {wanted.Text} > {Count(text)} THEN {wanted.Text} - {Count(text)} ELSE 0 * {Count(text)} END", wanted, text);
        var total = steps.Add($"CAST({absent.Text} AS BIGINT) * {Bytes(fill)} + {Bytes(text)}", absent, fill, text);
        return steps.Add(
            $"CASE WHEN {wanted.Text} IS NOT NULL AND {total.Text} <= {TextLimits.LargestMade} THEN repeat({fill.Text}, {absent.Text}) || {text.Text} END",
            wanted, absent, total, fill, text);
    }

    /// <summary>How often a part occurs, from left to right without overlap; 0 for an empty part, NULL of NULL.</summary>
    SqlValue Occurrences(SqlValue text, SqlValue part)
    {
        var rest = steps.Add($"replace({text.Text}, {part.Text}, {SqlText.Quote("")})", text, part);
        var divided = dialect == SqlDialect.DuckDb ? "//" : "/";
        return steps.Add(
            $"CASE WHEN {Bytes(part)} > 0 THEN ({Bytes(text)} - {Bytes(rest)}) {divided} {Bytes(part)} " +
            $"WHEN {Bytes(text)} >= 0 AND {Bytes(part)} = 0 THEN 0 END",
            text, part, rest);
    }

    /// <summary>A position or count as an integer: fractions dropped, nothing below 0.</summary>
    public SqlValue Position(SqlValue x) => steps.Add(
        $"CASE WHEN {x.Text} >= {SqlText.Number(LongestText, dialect)} THEN {LongestText} " +
        $"WHEN {x.Text} >= {SqlText.Number(0, dialect)} THEN CAST(FLOOR({x.Text}) AS INTEGER) WHEN {x.Text} IS NOT NULL THEN 0 END",
        x);

    string Part(string text, string first, string count) =>
        dialect == SqlDialect.Ansi ? $"SUBSTRING({text} FROM {first} FOR {count})" : $"substr({text}, {first}, {count})";

    /// <summary>The length in bytes of UTF-8.</summary>
    public string Bytes(SqlValue text) => dialect == SqlDialect.DuckDb ? $"strlen({text.Text})" : $"CAST(OCTET_LENGTH({text.Text}) AS BIGINT)";

    /// <summary>The length in code points.</summary>
    string Count(SqlValue text) => dialect == SqlDialect.DuckDb ? $"length({text.Text})" : $"CHAR_LENGTH({text.Text})";

    static (string From, string To) CaseMapping(Func<Rune, Rune> map)
    {
        Rune[] changed = [.. CodePoints().Where(rune => map(rune) != rune)];
        return (string.Concat(changed), string.Concat(changed.Select(map)));
    }

    static IEnumerable<Rune> CodePoints() =>
        Enumerable.Range(0, 0x110000).Where(code => Rune.IsValid(code)).Select(code => new Rune(code));
}
