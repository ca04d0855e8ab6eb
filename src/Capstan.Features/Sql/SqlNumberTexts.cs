using System.Globalization;
using System.Numerics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Numbers as texts, and the numbers that texts write; in DuckDB and PostgreSQL.</summary>
/// <remarks>
/// Databases print the shortest decimal form by rules of their own (PostgreSQL writes 1.23E+22 with 17 digits, since 1.23E+22 lies
/// on the border between two doubles), so it is looked for: with ever more digits, until one reads back to the number.
/// </remarks>
sealed class SqlNumberTexts(SqlSteps steps, SqlDialect dialect)
{
    const int MostDigits = 17;

    // Digits that decide about the rounding of any decimal number to a double; one more stands for all that follow.
    const int DecidingDigits = 800;

    // From here on a number is rounded to infinity, and up to here to 0: both by the rule of halves to even.
    static readonly string OverflowFrom = $"{BigInteger.Pow(2, 1024) - BigInteger.Pow(2, 970)}";
    static readonly string Vanishing = $"{BigInteger.Pow(5, 1075)}";

    // Powers of two have their lower neighbour at half the distance of the upper one, so that the nearest number of few digits may
    // miss where one further above does not. Their shortest forms, as 7.120236347223045e-307.
    static readonly Lazy<(double Value, string Text)[]> Uneven = new(() =>
    [
        .. Enumerable.Range(-1074, 2098).Select(power => Math.ScaleB(1, power)).Select(value => (value, Shortest(value)))
            .Where(pair => !IsNearest(pair)),
    ]);

    /// <summary>A number by <see cref="CategoryText"/>.</summary>
    /// <exception cref="SqlNotSupportedException">The standard has no such forms.</exception>
    public SqlValue Of(Expr expr, SqlValue x)
    {
        Demand(expr);
        var isPostgreSql = dialect == SqlDialect.PostgreSql;
        var whole = $"CAST(CAST({x.Text} AS BIGINT) AS {(isPostgreSql ? "text) COLLATE \"C\"" : "VARCHAR)")}";
        var isWhole = $"FLOOR({x.Text}) = {x.Text} AND ABS({x.Text}) < {SqlText.Number(1L << 53, dialect)}";
        var magnitude = $"ABS({x.Text})";
        var uneven = string.Concat(
            Uneven.Value.Select(pair => $"WHEN {magnitude} = {SqlText.Number(pair.Value, dialect)} THEN '{pair.Text}' "));
        // As 1.25e-07: a digit, the others, the exponent.
        var written = steps.Add(
            $"CASE WHEN {x.Text} IS NULL OR {isWhole} THEN NULL {uneven}ELSE " + (isPostgreSql
                ? $"(SELECT t FROM (SELECT n, CAST(to_char({magnitude}, " +
                    "CASE n WHEN 0 THEN '9EEEE' ELSE '9.' || repeat('9', n) || 'EEEE' END) AS text) " +
                    $"COLLATE \"C\" AS t FROM generate_series(0, {MostDigits - 1}) AS g(n) OFFSET 0) AS w " +
                    $"WHERE CASE WHEN {magnitude} > 1E308 AND CAST(t AS numeric) >= {OverflowFrom} THEN FALSE " +
                    $"ELSE CAST(t AS double precision) = {magnitude} END " +
                    "ORDER BY n LIMIT 1)"
                : $"list_filter(list_transform(range(0, {MostDigits}), lambda n: format('{{:.' || n || 'e}}', {magnitude})), " +
                    $"lambda t: CAST(t AS DOUBLE) = {magnitude})[1]") + " END",
            x);
        var tidy = steps.Add($"ltrim({written.Text})", written);
        var exponentText = steps.Add($"split_part({tidy.Text}, 'e', 2)", tidy);
        var digits = steps.Add($"replace(split_part({tidy.Text}, 'e', 1), '.', '')", tidy);
        var exponent = steps.Add($"CAST({exponentText.Text} AS INTEGER)", exponentText);
        var length = steps.Add(isPostgreSql ? $"char_length({digits.Text})" : $"CAST(length({digits.Text}) AS INTEGER)", digits);
        var rest = $"CASE WHEN {length.Text} > 1 THEN '.' || substr({digits.Text}, 2) ELSE '' END";
        var form = steps.Add(
            $"CASE WHEN {exponent.Text} < -4 OR {exponent.Text} >= {MostDigits} " +
            $"THEN substr({digits.Text}, 1, 1) || {rest} || 'E' || {exponentText.Text} " +
            $"WHEN {exponent.Text} < 0 THEN '0.' || repeat('0', -{exponent.Text} - 1) || {digits.Text} " +
            $"WHEN {length.Text} > {exponent.Text} + 1 " +
            $"THEN substr({digits.Text}, 1, {exponent.Text} + 1) || '.' || substr({digits.Text}, {exponent.Text} + 2) " +
            $"ELSE {digits.Text} || repeat('0', {exponent.Text} + 1 - {length.Text}) END",
            digits, length, exponent, exponentText);
        return steps.Add(
            $"CASE WHEN {isWhole} THEN {whole} WHEN {x.Text} < {SqlText.Number(0, dialect)} THEN '-' || {form.Text} " +
            $"ELSE {form.Text} END",
            x, form);
    }

    /// <summary>The number that a text writes: the nearest double, NULL where there is none or it is beyond the largest.</summary>
    /// <exception cref="SqlNotSupportedException">The standard can't look before it reads.</exception>
    public SqlValue Read(Expr expr, SqlValue text)
    {
        Demand(expr);
        return dialect == SqlDialect.DuckDb ? ReadInDuckDb(text) : ReadInPostgreSql(text);
    }

    SqlValue ReadInDuckDb(SqlValue text)
    {
        // Zero characters after a number are no part of it, as in .NET.
        var bare = steps.Add($"trim(rtrim({text.Text}, chr(0)), ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))", text);
        var read = steps.Add(
            $@"CASE WHEN regexp_full_match({bare.Text}, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') " +
            $"THEN TRY_CAST(replace({bare.Text}, '+', '') AS DOUBLE) END",
            bare);
        return steps.Add($"CASE WHEN isfinite({read.Text}) THEN {read.Text} + {SqlText.Number(0, dialect)} END", read);
    }

    /// <summary>
    /// PostgreSQL fails where a number overflows or vanishes, so the text is taken apart into 0.DIGITS × 10^PLACE, which tells before.
    /// </summary>
    SqlValue ReadInPostgreSql(SqlValue text)
    {
        var bare = steps.Add($"lower(btrim({text.Text}, E' \\t\\n\\x0b\\f\\r'))", text);
        var number = steps.Add(
            $@"CASE WHEN {bare.Text} ~ E'^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?$' THEN ltrim({bare.Text}, '+-') END", bare);
        var mantissa = steps.Add($"split_part({number.Text}, 'e', 1)", number);
        var whole = steps.Add($"ltrim(split_part({mantissa.Text}, '.', 1), '0')", mantissa);
        var fraction = steps.Add($"split_part({mantissa.Text}, '.', 2)", mantissa);
        var power = steps.Add(
            $"CASE WHEN position('e' in {number.Text}) = 0 THEN 0 WHEN char_length(ltrim(split_part({number.Text}, 'e', 2), '+-0')) > 9 " +
            $"THEN CASE WHEN split_part({number.Text}, 'e', 2) LIKE '-%' THEN -2000000000 ELSE 2000000000 END " +
            $"ELSE CAST(split_part({number.Text}, 'e', 2) AS bigint) END",
            number);
        var digits = steps.Add($"ltrim({whole.Text} || {fraction.Text}, '0')", whole, fraction);
        var place = steps.Add(
            $"{power.Text} + CASE WHEN {whole.Text} = '' THEN char_length({digits.Text}) - char_length({fraction.Text}) " +
            $"ELSE char_length({whole.Text}) END",
            power, whole, digits, fraction);
        var kept = steps.Add(
            $"'0.' || substr({digits.Text}, 1, {DecidingDigits}) || " +
            $"CASE WHEN rtrim(substr({digits.Text}, {DecidingDigits + 1}), '0') = '' THEN '' ELSE '1' END",
            digits);
        var magnitude = steps.Add(
            $"CASE WHEN {digits.Text} = '' OR {place.Text} < -323 THEN {SqlText.Number(0, dialect)} WHEN {place.Text} > 309 THEN NULL " +
            $"WHEN {place.Text} = 309 AND CAST({kept.Text} AS numeric) >= 0.{OverflowFrom} THEN NULL " +
            $"WHEN {place.Text} = -323 AND CAST({kept.Text} AS numeric) <= 0.{Vanishing} THEN {SqlText.Number(0, dialect)} " +
            $"ELSE CAST({kept.Text} || 'e' || {place.Text} AS double precision) END",
            digits, place, kept);
        return steps.Add(
            $"CASE WHEN {bare.Text} LIKE '-%' THEN {SqlText.Number(0, dialect)} - {magnitude.Text} ELSE {magnitude.Text} END",
            bare, magnitude);
    }

    static string Shortest(double value)
    {
        var digits = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture).Split('E')[0].Replace(".", "").Trim('0');
        return $"{shortest[0]}.{shortest[1..]}e{digits[^4]}{digits[^3..].TrimStart('0').PadLeft(2, '0')}";
    }

    static bool IsNearest((double Value, string Text) pair)
    {
        var nearest = pair.Value.ToString($"E{pair.Text.IndexOf('e') - 2}", CultureInfo.InvariantCulture);
        return double.Parse(nearest, CultureInfo.InvariantCulture) == pair.Value;
    }

    void Demand(Expr expr)
    {
        if (dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(expr, dialect, "the standard does not say which digits a number has as text.");
        }
    }
}
