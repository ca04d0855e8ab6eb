using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// MurmurHash3_x86_32 in a database's 64-bit integers: over a category key's eight bytes by plain arithmetic, over a text's
/// UTF-8 bytes by a fold over its blocks of four. The standard has no exclusive or, so only DuckDB and PostgreSQL can.
/// </summary>
/// <remarks>The same steps as <see cref="Data.MurmurHash3"/>.</remarks>
sealed class SqlHashing(SqlSteps steps, SqlDialect dialect)
{
    const uint C1 = 0xcc9e2d51;
    const uint C2 = 0x1b873593;
    const uint Addend = 0xe6546b64;
    const long Modulus = 1L << 32;

    public bool IsPossible => dialect != SqlDialect.Ansi;

    /// <summary>The hash of a 64-bit value ≥ 0.</summary>
    public SqlValue OfKey(SqlValue key, uint seed)
    {
        var low = steps.Add($"{key.Text} % {Modulus}", key);
        var high = steps.Add(dialect == SqlDialect.DuckDb ? $"{key.Text} // {Modulus}" : $"{key.Text} / {Modulus}", key);
        var start = steps.Load($"CAST({seed} AS BIGINT)");
        return Finish(Xor(Mix(Mix(start, low), high), 8));
    }

    /// <summary>The hash of a 64-bit integer's eight bytes; NULL of NULL.</summary>
    /// <param name="seed">32 bits.</param>
    public SqlValue OfInteger(SqlValue integer, SqlValue seed)
    {
        var low = steps.Add($"({integer.Text} % {Modulus} + {Modulus}) % {Modulus}", integer);
        var high = steps.Add($"({Quotient($"({integer.Text} - {low.Text})", Modulus)} + {Modulus}) % {Modulus}", integer, low);
        return Finish(Xor(Mix(Mix(seed, low), high), 8));
    }

    /// <summary>The hash of a text's UTF-8 bytes; NULL of NULL.</summary>
    public SqlValue OfText(SqlValue text, uint seed) => dialect == SqlDialect.DuckDb ? InDuckDb(text, seed) : InPostgreSql(text, seed);

    SqlValue InDuckDb(SqlValue text, uint seed)
    {
        // Two digits for each byte.
        var digits = steps.Add($"hex({text.Text})", text);
        var length = steps.Add($"CAST(length({digits.Text}) // 2 AS BIGINT)", digits);
        string Byte(string first, int index) => $"substr({digits.Text}, {first} + {1 + 2 * index}, 2)";
        var blocks = steps.Add(
            $"list_transform(range(0, {length.Text} // 4), lambda i: CAST('0x' || {Byte("8 * i", 3)} || {Byte("8 * i", 2)} || " +
            $"{Byte("8 * i", 1)} || {Byte("8 * i", 0)} AS BIGINT))",
            digits, length);
        var first = steps.Add($"list_transform({blocks.Text}, lambda k: {Times("k", C1)})", blocks);
        var rotated = steps.Add($"list_transform({first.Text}, lambda k: {Rotated("k", 15)})", first);
        var scrambled = steps.Add($"list_transform({rotated.Text}, lambda k: {Times("k", C2)})", rotated);
        var body = steps.Add(
            $"list_reduce(list_prepend(CAST({seed} AS BIGINT), {scrambled.Text}), " +
            $"lambda h, k: ({Rotated("xor(h, k)", 13)} * 5 + {Addend}) % {Modulus})",
            scrambled);
        var rest = $"8 * ({length.Text} // 4)";
        var tail = steps.Add($"CAST('0x0' || {Byte(rest, 2)} || {Byte(rest, 1)} || {Byte(rest, 0)} AS BIGINT)", digits, length);
        return Finish(Xor(Xor(body, Scramble(tail)), length));
    }

    SqlValue InPostgreSql(SqlValue text, uint seed)
    {
        var bytes = steps.Add($"convert_to({text.Text}, 'UTF8')", text);
        var length = steps.Add($"CAST(octet_length({bytes.Text}) AS bigint)", bytes);
        string Byte(string index) => $"CAST(get_byte({bytes.Text}, CAST({index} AS integer)) AS bigint)";
        var body = steps.Add(
            $"CASE WHEN {bytes.Text} IS NOT NULL THEN (WITH RECURSIVE fold(i, h) AS (SELECT CAST(0 AS bigint), CAST({seed} AS bigint) UNION ALL " +
            $"SELECT fold.i + 1, ({Rotated("e.t", 13)} * 5 + {Addend}) % {Modulus} FROM fold, " +
            $"LATERAL (SELECT {Byte("4 * fold.i")} + 256 * {Byte("4 * fold.i + 1")} + 65536 * {Byte("4 * fold.i + 2")} + 16777216 * {Byte("4 * fold.i + 3")} AS k) a, " +
            $"LATERAL (SELECT {Times("a.k", C1)} AS k) b, LATERAL (SELECT {Rotated("b.k", 15)} AS k) c, " +
            $"LATERAL (SELECT {Times("c.k", C2)} AS k) d, LATERAL (SELECT fold.h # d.k AS t) e " +
            $"WHERE fold.i < {length.Text} / 4) SELECT h FROM fold ORDER BY i DESC LIMIT 1) END",
            bytes, length);
        string Rest(int index) => $"CASE WHEN {length.Text} % 4 > {index} THEN {Byte($"{length.Text} / 4 * 4 + {index}")} ELSE 0 END";
        var tail = steps.Add($"{Rest(0)} + 256 * {Rest(1)} + 65536 * {Rest(2)}", bytes, length);
        return Finish(Xor(Xor(body, Scramble(tail)), length));
    }

    SqlValue Mix(SqlValue hash, SqlValue block)
    {
        var mixed = Xor(hash, Scramble(block));
        return steps.Add($"({Rotated(mixed.Text, 13)} * 5 + {Addend}) % {Modulus}", mixed);
    }

    SqlValue Scramble(SqlValue block)
    {
        var first = steps.Add(Times(block.Text, C1), block);
        var rotated = steps.Add(Rotated(first.Text, 15), first);
        return steps.Add(Times(rotated.Text, C2), rotated);
    }

    SqlValue Finish(SqlValue hash)
    {
        var first = Xor(hash, Shifted(hash, 16));
        var second = steps.Add(Times(first.Text, 0x85ebca6b), first);
        var third = Xor(second, Shifted(second, 13));
        var fourth = steps.Add(Times(third.Text, 0xc2b2ae35), third);
        return Xor(fourth, Shifted(fourth, 16));
    }

    SqlValue Shifted(SqlValue value, int bits) => steps.Add(Quotient(value.Text, 1L << bits), value);

    SqlValue Xor(SqlValue left, SqlValue right) => steps.Add(XorOf(left.Text, right.Text), left, right);

    SqlValue Xor(SqlValue left, long right) => steps.Add(XorOf(left.Text, $"{right}"), left);

    string XorOf(string left, string right) => dialect switch
    {
        SqlDialect.DuckDb => $"xor({left}, {right})",
        SqlDialect.PostgreSql => $"({left} # {right})",
        _ => throw new UnreachableException(),
    };

    string Quotient(string value, long divisor) => dialect == SqlDialect.DuckDb ? $"({value} // {divisor})" : $"({value} / {divisor})";

    // In halves, since the product of two 32-bit numbers passes a signed 64-bit one.
    static string Times(string value, uint factor) =>
        $"((({value} * {factor >> 16}) % 65536) * 65536 + {value} * {factor & 0xffff}) % {Modulus}";

    string Rotated(string value, int bits) => $"(({value} * {1L << bits}) % {Modulus} + {Quotient(value, 1L << (32 - bits))})";
}
