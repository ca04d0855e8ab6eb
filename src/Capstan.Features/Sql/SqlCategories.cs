using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Category numbers, as the engine numbers them; the missing category included.</summary>
sealed class SqlCategories(SqlExpressions expressions, Schema schema, SqlSteps steps, SqlDialect dialect)
{
    // Beyond this a join with the list of terms takes the place of comparing one after the other.
    const int MostTermsInCase = 64;

    readonly SqlHashing _hashing = new(steps, dialect);

    public SqlValue Bucket(SqlValue x, IReadOnlyList<double> boundaries) => steps.Add(
        $"CASE WHEN {x.Text} IS NULL THEN {boundaries.Count + 1} ELSE {BucketAmong(x.Text, boundaries)} END", x);

    public SqlValue Lookup(VocabularyExpr vocabulary, FixedTerms terms)
    {
        var operand = vocabulary.Operand;
        var kind = ExprTyping.KindOf(operand, schema);
        var isInteger = IsIntegerColumn(operand);
        var value = kind == ValueKind.Text ? expressions.Of(operand)
            : isInteger ? expressions.IntegerOf((ColumnExpr)operand) : expressions.NumberOf(operand);
        var rows = new List<(string Term, int Category)>();
        for (var index = 0; index < terms.Values.Count; index++)
        {
            var term = terms.Values[index];
            if (kind == ValueKind.Text)
            {
                rows.Add((SqlText.Text(vocabulary, term, dialect), index));
            }
            else if ((isInteger ? IntegerWrittenAs(term) : NumberWrittenAs(term)) is { } number)
            {
                rows.Add((number, index));
            }
        }

        var known = terms.Values.Count;
        var unknown = terms.UnknownBuckets == 1 ? new SqlValue($"{known}", 0) : Unknown(vocabulary, known, terms.UnknownBuckets);
        var missing = known + terms.UnknownBuckets;
        if (rows.Count > MostTermsInCase)
        {
            var found = steps.Find(value, rows.Select(row => $"({row.Term}, {row.Category})"));
            return steps.Add(
                $"CASE WHEN {value.Text} IS NULL THEN {missing} WHEN {found.Text} IS NOT NULL THEN {found.Text} ELSE {unknown.Text} END",
                value, found, unknown);
        }

        var cases = string.Concat(rows.Select(row => $" WHEN {value.Text} = {row.Term} THEN {row.Category}"));
        return steps.Add($"CASE WHEN {value.Text} IS NULL THEN {missing}{cases} ELSE {unknown.Text} END", value, unknown);
    }

    public SqlValue Hash(HashExpr hash)
    {
        var code = HashOf(hash, hash.Operand, hash.Seed);
        return steps.Add($"CASE WHEN {code.Text} IS NULL THEN {hash.Buckets} ELSE {code.Text} % {hash.Buckets} END", code);
    }

    public SqlValue Cross(CrossExpr cross)
    {
        var numbering = Cardinality.NumberingOf(cross);
        if (!numbering.IsExact && !_hashing.IsPossible)
        {
            throw NoHash(cross, $"its combinations do not fit into {cross.Buckets:N0} buckets, so that they are hashed, and ");
        }

        var key = Wide(expressions.Of(Cardinality.AsCategory(cross.Operands[0], cross.Seed)));
        for (var index = 1; index < cross.Operands.Count; index++)
        {
            var before = numbering.HashesBefore(index) ? _hashing.OfKey(key, cross.Seed) : key;
            var category = expressions.Of(Cardinality.AsCategory(cross.Operands[index], cross.Seed));
            key = steps.Add($"{before.Text} * {numbering.CardinalityAt(index)} + {category.Text}", before, category);
        }

        if (numbering.IsExact)
        {
            return key;
        }

        var code = _hashing.OfKey(key, cross.Seed);
        return steps.Add($"{code.Text} % {cross.Buckets}", code);
    }

    public SqlValue BucketBy(BucketizeByExpr bucketize)
    {
        var (x, category) = (expressions.NumberOf(bucketize.Operand), expressions.Of(bucketize.Category));
        var buckets = Choose(category.Text, bucketize.Boundaries.Select(each => BucketAmong(x.Text, each.Values)));
        return steps.Add($"CASE WHEN {x.Text} IS NULL THEN {Cardinality.Of(bucketize) - 1} ELSE {buckets} END", x, category);
    }

    public SqlValue Pick(PickExpr pick)
    {
        var category = expressions.Of(pick.Operand);
        return steps.Add(Choose(category.Text, pick.Values.Select(value => SqlText.Number(value, dialect))), category);
    }

    /// <summary>The result at the category's place.</summary>
    static string Choose(string category, IEnumerable<string> results)
    {
        string[] all = [.. results];
        string[] borders = [.. Enumerable.Range(1, all.Length - 1).Select(index => $"{index}")];
        return SqlText.Search(category, borders, all);
    }

    /// <summary>How many boundaries do not exceed a number that is there.</summary>
    string BucketAmong(string x, IReadOnlyList<double> boundaries)
    {
        string[] borders = [.. boundaries.Select(boundary => SqlText.Number(boundary, dialect))];
        string[] buckets = [.. Enumerable.Range(0, boundaries.Count + 1).Select(bucket => $"{bucket}")];
        return SqlText.Search(x, borders, buckets);
    }

    SqlValue Wide(SqlValue category) => steps.Add($"CAST({category.Text} AS BIGINT)", category);

    SqlValue Unknown(VocabularyExpr vocabulary, int known, int buckets)
    {
        var code = HashOf(vocabulary, vocabulary.Operand, 0);
        return steps.Add($"{known} + {code.Text} % {buckets}", code);
    }

    /// <summary>The hash of a text or of a number's text.</summary>
    SqlValue HashOf(Expr expr, Expr operand, uint seed)
    {
        if (!_hashing.IsPossible)
        {
            throw NoHash(expr, "");
        }

        return _hashing.OfText(expressions.TextOf(expr, operand), seed);
    }

    bool IsIntegerColumn(Expr expr) => expr is ColumnExpr column && schema[column.Name].Type == DataType.Int64;

    /// <summary>The one number whose text a term is; null where no number is written so.</summary>
    string? NumberWrittenAs(string term) =>
        double.TryParse(term, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && CategoryText.Of(number) == term
            ? SqlText.Number(number, dialect)
            : null;

    static string? IntegerWrittenAs(string term) =>
        long.TryParse(term, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
        && integer.ToString(CultureInfo.InvariantCulture) == term
            ? SqlText.Integer(integer)
            : null;

    SqlNotSupportedException NoHash(Expr expr, string cause) =>
        new(expr, dialect, $"{cause}MurmurHash3 needs an exclusive or, which the standard lacks.");
}
