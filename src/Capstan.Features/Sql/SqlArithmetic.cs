using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Arithmetic whose result is a finite number or NULL, as in the engine. DuckDB computes as IEEE 754 says, so its results are
/// looked at; the other databases raise an error where a result would be infinite (and PostgreSQL where it would be rounded to
/// 0), so their operands are scaled by powers of two and looked at before.
/// </summary>
/// <remarks>
/// The scaled tests decide as rounding does, but for a product that lies less than 2⁻¹¹²⁷ above 2⁻¹⁰⁷⁵: PostgreSQL gives 0 there, not 5E-324.
/// </remarks>
sealed class SqlArithmetic(SqlSteps steps, SqlDialect dialect)
{
    // The largest x whose exponential is finite, and the least whose exponential is not rounded to 0.
    const double LargestExponent = 709.782712893384;
    const double LeastExponent = -745.1332191019411;

    public SqlValue Add(SqlValue x, SqlValue y) => Sum(x, "+", y);

    public SqlValue Subtract(SqlValue x, SqlValue y) => Sum(x, "-", y);

    public SqlValue Multiply(SqlValue x, SqlValue y)
    {
        var product = $"{x.Text} * {y.Text}";
        if (dialect == SqlDialect.DuckDb)
        {
            return Checked(product, x, y);
        }

        var (a, b) = ($"ABS({x.Text})", $"ABS({y.Text})");
        return steps.Add(
            $"CASE WHEN {x.Text} IS NULL OR {y.Text} IS NULL THEN NULL WHEN {x.Text} = {Of(0)} OR {y.Text} = {Of(0)} THEN {Of(0)} " +
            $"WHEN {a} >= {Of(1)} AND {b} >= {Of(1)} THEN " +
            $"CASE WHEN ({a} * {Two(-512)}) * ({b} * {Two(-512)}) < {Of(1)} THEN {product} END " +
            $"WHEN {a} >= {Of(1)} OR {b} >= {Of(1)} OR ({a} >= {Two(-537)} AND {b} >= {Two(-537)}) THEN {product} " +
            $"WHEN ({a} * {Two(538)}) * ({b} * {Two(537)}) > {Of(1)} THEN {product} ELSE {Of(0)} END",
            x, y);
    }

    public SqlValue Divide(SqlValue x, SqlValue y)
    {
        var quotient = $"{x.Text} / {y.Text}";
        if (dialect == SqlDialect.DuckDb)
        {
            return steps.Add(
                $"CASE WHEN {y.Text} <> {Of(0)} AND isfinite({quotient}) THEN {quotient} + {Of(0)} END", x, y);
        }

        var (a, b) = ($"ABS({x.Text})", $"ABS({y.Text})");
        return steps.Add(
            $"CASE WHEN {x.Text} IS NULL OR {y.Text} IS NULL OR {y.Text} = {Of(0)} THEN NULL WHEN {x.Text} = {Of(0)} THEN {Of(0)} " +
            $"WHEN {b} >= {Of(1)} THEN CASE WHEN {a} >= {Of(1)} THEN {quotient} " +
            $"WHEN {a} * {Two(537)} <= {b} * {Two(-538)} THEN {Of(0)} ELSE {quotient} END " +
            $"WHEN {a} < {Two(-500)} THEN {quotient} " +
            $"WHEN {a} * {Two(-512)} < {b} * {Two(511)} THEN {quotient} " +
            $"WHEN {a} * {Two(-512)} >= {b} * {Two(512)} THEN NULL " +
            $"WHEN ({a} * {Two(-512)}) / ({b} * {Two(512)}) >= {Of(1)} THEN NULL ELSE {quotient} END",
            x, y);
    }

    /// <summary>The lesser or greater; NULL if either is.</summary>
    public SqlValue Choose(SqlValue x, string comparison, SqlValue y) => steps.Add(
        $"CASE WHEN {x.Text} {comparison} {y.Text} THEN {x.Text} WHEN {x.Text} IS NOT NULL AND {y.Text} IS NOT NULL THEN {y.Text} END", x, y);

    public SqlValue Negate(SqlValue x) => steps.Add($"{Of(0)} - {x.Text}", x);

    public SqlValue Absolute(SqlValue x) => steps.Add($"ABS({x.Text})", x);

    public SqlValue Floor(SqlValue x) => steps.Add($"FLOOR({x.Text})", x);

    public SqlValue SquareRoot(SqlValue x) => steps.Add($"CASE WHEN {x.Text} >= {Of(0)} THEN SQRT({x.Text}) END", x);

    public SqlValue Log(SqlValue x) => steps.Add($"CASE WHEN {x.Text} > {Of(0)} THEN LN({x.Text}) END", x);

    public SqlValue Exponential(SqlValue x) => steps.Add(
        $"CASE WHEN {x.Text} < {Of(LeastExponent)} THEN {Of(0)} WHEN {x.Text} <= {Of(LargestExponent)} THEN EXP({x.Text}) END", x);

    public SqlValue Sine(SqlValue x) => steps.Add($"SIN({x.Text})", x);

    public SqlValue Cosine(SqlValue x) => steps.Add($"COS({x.Text})", x);

    public SqlValue HyperbolicTangent(SqlValue x) => steps.Add($"TANH({x.Text})", x);

    public SqlValue LogTen(SqlValue x) => steps.Add($"CASE WHEN {x.Text} > {Of(0)} THEN LOG10({x.Text}) END", x);

    /// <summary>The angle of a point; PostgreSQL and DuckDB only.</summary>
    public SqlValue ArcTangent(SqlValue y, SqlValue x) => steps.Add($"ATAN2({y.Text}, {x.Text}) + {Of(0)}", y, x);

    public SqlValue Sign(SqlValue x) =>
        steps.Add($"CASE WHEN {x.Text} > {Of(0)} THEN {Of(1)} WHEN {x.Text} < {Of(0)} THEN {Of(-1)} ELSE {x.Text} END", x);

    /// <summary>Halves go to the even number, as every sum in double precision does: 2⁵² leaves no room for a fraction.</summary>
    public SqlValue Round(SqlValue x) => steps.Add(
        $"CASE WHEN ABS({x.Text}) >= {Two(52)} THEN {x.Text} WHEN {x.Text} >= {Of(0)} THEN ({x.Text} + {Two(52)}) - {Two(52)} " +
        $"ELSE ({x.Text} - {Two(52)}) + {Two(52)} END",
        x);

    /// <summary>
    /// x to the power y. Where the database fails instead of overflowing, y · ln |x| tells before; it is off by less than 10⁻¹², so
    /// that a result as near to the largest number counts as missing, and one as near to half the least as 0.
    /// </summary>
    public SqlValue Power(SqlValue x, SqlValue y)
    {
        var power = $"POWER({x.Text}, {y.Text})";
        if (dialect == SqlDialect.DuckDb)
        {
            return Checked(power, x, y);
        }

        const double margin = 1e-12;
        // Beyond this every base but 1 overflows or vanishes.
        var exponent = steps.Add(
            $"CASE WHEN {y.Text} > {Of(1e20)} THEN {Of(1e20)} WHEN {y.Text} < {Of(-1e20)} THEN {Of(-1e20)} ELSE {y.Text} END", y);
        var log = steps.Add($"CASE WHEN {x.Text} <> {Of(0)} AND ABS({x.Text}) <> {Of(1)} THEN LN(ABS({x.Text})) END", x);
        var size = Multiply(exponent, log);
        return steps.Add(
            $"CASE WHEN {x.Text} IS NULL OR {y.Text} IS NULL THEN NULL WHEN {y.Text} = {Of(0)} OR {x.Text} = {Of(1)} THEN {Of(1)} WHEN {y.Text} = {Of(1)} THEN {x.Text} " +
            $"WHEN {x.Text} = {Of(0)} THEN CASE WHEN {y.Text} > {Of(0)} THEN {Of(0)} END " +
            $"WHEN {x.Text} < {Of(0)} AND FLOOR({y.Text}) <> {y.Text} THEN NULL " +
            $"WHEN {size.Text} > {Of(LargestExponent - margin)} THEN NULL WHEN {size.Text} < {Of(LeastExponent + margin)} THEN {Of(0)} ELSE {power} END",
            x, y, size);
    }

    /// <summary>A column of double precision: neither NaN nor infinite, 0 for −0.</summary>
    public SqlValue Load(SqlValue raw) => dialect == SqlDialect.PostgreSql
        ? steps.Add($"CASE WHEN ABS({raw.Text}) < CAST('Infinity' AS double precision) THEN {raw.Text} + {Of(0)} END", raw)
        : dialect == SqlDialect.DuckDb ? Checked(raw.Text, raw) : steps.Add($"{raw.Text} + {Of(0)}", raw);

    SqlValue Sum(SqlValue x, string sign, SqlValue y)
    {
        var sum = $"{x.Text} {sign} {y.Text}";
        var (a, b) = ($"ABS({x.Text})", $"ABS({y.Text})");
        // Half of 2¹⁰²⁴, from which on a sum is rounded to infinity; halves are exact but for the least numbers, which can't reach it.
        return dialect == SqlDialect.DuckDb
            ? Checked(sum, x, y)
            : steps.Add(
                $"CASE WHEN {a} < {Two(1022)} AND {b} < {Two(1022)} OR {a} < {Of(1)} OR {b} < {Of(1)} THEN {sum} " +
                $"WHEN ABS({x.Text} * {Of(0.5)} {sign} {y.Text} * {Of(0.5)}) < {Two(1023)} THEN {sum} END",
                x, y);
    }

    SqlValue Checked(string sql, params ReadOnlySpan<SqlValue> operands) =>
        steps.Add($"CASE WHEN isfinite({sql}) THEN {sql} + {Of(0)} END", operands);

    string Two(int power) => Of(Math.ScaleB(1, power));

    string Of(double value) => SqlText.Number(value, dialect);
}
