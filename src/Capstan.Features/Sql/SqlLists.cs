using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Functions of lists, as <see cref="ScalarFunction"/> defines them. A list is an array of texts, none of them NULL; a NULL makes the result NULL.</summary>
sealed class SqlLists(SqlSteps steps, SqlTexts texts, SqlDialect dialect)
{
    // The characters themselves, first and last of each range: no escape of one database is another's, and no letter, mark or digit means anything to either.
    static readonly Lazy<string> PartsOfWords = new(() => string.Concat(Ranges().Select(range => $"{new Rune(range.First)}-{new Rune(range.Last)}")));

    bool IsDuckDb => dialect == SqlDialect.DuckDb;

    string None => IsDuckDb ? "CAST([] AS VARCHAR[])" : "CAST('{}' AS text[])";

    public SqlValue Split(SqlValue text, SqlValue separator) => steps.Add(
        IsDuckDb
            ? $"CASE WHEN {text.Text} IS NULL OR {separator.Text} IS NULL THEN NULL WHEN {text.Text} = '' THEN {None} " +
              $"WHEN {separator.Text} = '' THEN [{text.Text}] ELSE string_split({text.Text}, {separator.Text}) END"
            // Of a NULL for a separator it would make characters.
            : $"CASE WHEN {separator.Text} IS NOT NULL THEN string_to_array({text.Text}, {separator.Text}) END",
        text, separator);

    /// <summary>Letters, marks and digits are written into the query from the very data that the engine uses.</summary>
    public SqlValue Words(SqlValue text)
    {
        var pattern = SqlText.Quote($"([{PartsOfWords.Value}]+)");
        return steps.Add(
            IsDuckDb
                ? $"regexp_extract_all({text.Text}, {pattern})"
                : $"CASE WHEN {text.Text} IS NOT NULL THEN COALESCE((SELECT array_agg(found[1] ORDER BY place) FROM regexp_matches({text.Text}, {pattern}, 'g') " +
                  $"WITH ORDINALITY AS words(found, place)), {None}) END",
            text);
    }

    public SqlValue Characters(SqlValue text) => steps.Add(
        IsDuckDb ? $"list_transform(range(1, length({text.Text}) + 1), lambda i: substr({text.Text}, i, 1))" : $"string_to_array({text.Text}, NULL)", text);

    public SqlValue Count(SqlValue list) => steps.Add($"CAST({Size(list)} AS DOUBLE PRECISION)", list);

    public SqlValue Distinct(SqlValue list) => steps.Add(
        IsDuckDb
            ? $"list_filter({list.Text}, lambda x, i: list_position({list.Text}, x) = i)"
            : $"CASE WHEN {list.Text} IS NOT NULL THEN COALESCE((SELECT array_agg(x ORDER BY place) FROM (SELECT x, MIN(place) AS place " +
              $"FROM unnest({list.Text}) WITH ORDINALITY AS items(x, place) GROUP BY x) AS firsts), {None}) END",
        list);

    public SqlValue Item(SqlValue list, SqlValue index)
    {
        var at = texts.Position(index);
        return AsText(steps.Add(
            $"CASE WHEN {index.Text} >= {SqlText.Number(0, dialect)} AND {at.Text} < {Size(list)} THEN {list.Text}[{at.Text} + 1] END", list, index, at));
    }

    public SqlValue Includes(SqlValue list, SqlValue text) => steps.Add(
        // Of an empty list PostgreSQL knows without looking at the text.
        IsDuckDb ? $"list_contains({list.Text}, {text.Text})" : $"CASE WHEN {text.Text} IS NOT NULL THEN {text.Text} = ANY ({list.Text}) END", list, text);

    public SqlValue Join(SqlValue list, SqlValue separator)
    {
        // Looked at before it is made.
        var between = $"CASE WHEN {Size(list)} > 1 THEN ({Size(list)} - 1) * {texts.Bytes(separator)} ELSE 0 * {texts.Bytes(separator)} END";
        var total = steps.Add($"{ItemBytes(list.Text)} + {between}", list, separator);
        return AsText(steps.Add(
            $"CASE WHEN {total.Text} <= {TextLimits.LargestMade} THEN CASE WHEN {Size(list)} = 0 THEN '' ELSE {Joined(list.Text, separator.Text)} END END",
            total, list, separator));
    }

    public SqlValue NGrams(CallExpr call, SqlValue list)
    {
        var (min, max) = ((int)((NumberExpr)call.Operands[1]).Value, (int)((NumberExpr)call.Operands[2]).Value);
        var separator = SqlText.Text(call, ((TextExpr)call.Operands[3]).Value, dialect);
        // Of each size as many as the list has items, less the size, and one.
        var count = steps.Add(
            string.Join(" + ", Enumerable.Range(min, max - min + 1).Select(size => $"CASE WHEN {Size(list)} >= {size} THEN {Size(list)} - {size - 1} ELSE 0 END")), list);
        var made = IsDuckDb
            ? $"flatten(list_transform(range(1, len({list.Text}) + 1), lambda i: list_transform(range({min}, least({max}, len({list.Text}) - i + 1) + 1), " +
              $"lambda s: array_to_string({list.Text}[i:i + s - 1], {separator}))))"
            : $"COALESCE((SELECT array_agg(array_to_string({list.Text}[i:i + s - 1], {separator}) ORDER BY i, s) FROM generate_series(1, {Size(list)}) AS i, " +
              $"generate_series({min}, {max}) AS s WHERE i + s - 1 <= {Size(list)}), {None})";
        var grams = steps.Add($"CASE WHEN {list.Text} IS NOT NULL AND {count.Text} <= {ListLimits.MostItems} THEN {made} END", list, count);
        return steps.Add($"CASE WHEN {ItemBytes(grams.Text)} <= {TextLimits.LargestMade} THEN {grams.Text} END", grams);
    }

    /// <summary>How often a text stands in a list, as a number.</summary>
    /// <param name="text">A constant.</param>
    public SqlValue CountOf(SqlValue list, string text) => steps.Add(
        IsDuckDb
            ? $"CAST(len(list_filter({list.Text}, lambda x: x = {text})) AS DOUBLE)"
            : $"CAST(cardinality(array_positions({list.Text}, {text})) AS double precision)",
        list);

    string Size(SqlValue list) => IsDuckDb ? $"len({list.Text})" : $"cardinality({list.Text})";

    /// <summary>The bytes of all items; NULL of NULL.</summary>
    string ItemBytes(string list) => IsDuckDb
        ? $"CASE WHEN {list} IS NOT NULL THEN COALESCE(list_sum(list_transform({list}, lambda x: strlen(x))), 0) END"
        : $"CAST(OCTET_LENGTH(array_to_string({list}, '')) AS bigint)";

    static string Joined(string list, string separator) => $"array_to_string({list}, {separator})";

    // Items have the collation of the database, and texts that are compared must agree on one.
    SqlValue AsText(SqlValue text) => IsDuckDb ? text : steps.Add($"{text.Text} COLLATE \"C\"", text);

    static IEnumerable<(int First, int Last)> Ranges()
    {
        for (var code = 0; code <= 0x10ffff; code++)
        {
            if (!IsPart(code))
            {
                continue;
            }

            var first = code;
            while (IsPart(code + 1))
            {
                code++;
            }

            yield return (first, code);
        }
    }

    static bool IsPart(int code) => Rune.IsValid(code) && WordsOp.IsPartOfWord(new Rune(code));
}
