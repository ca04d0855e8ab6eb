using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

namespace Capstan.Benchmarks;

/// <summary>
/// One batch of 10 numbers (0 to 100, of single precision, so that both sides hold the same) and 4 texts, 2 % of each missing,
/// and the features over it, whose constants ML.NET has fitted on the same batch.
/// </summary>
sealed class TransformTask
{
    public const int RowCount = 8192;
    public const int NumberCount = 10;
    public const int TextCount = 4;
    public const int TermCount = 250;

    static readonly string[] Terms =
        [.. Enumerable.Range(0, 300).Select(index => $"term-{index * 7919 % 100_000:00000}")];

    static readonly string[] Numbers = [.. Enumerable.Range(0, NumberCount).Select(index => $"n{index}")];
    static readonly string[] Texts = [.. Enumerable.Range(0, TextCount).Select(index => $"t{index}")];

    public ColumnBatch Batch { get; } = MakeRows();

    /// <summary>
    /// Writes the row count, row by row 10 numbers (NaN: missing) and 4 texts (empty: missing), and the known terms.
    /// </summary>
    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(RowCount);
        for (var row = 0; row < RowCount; row++)
        {
            foreach (var column in Batch.Columns)
            {
                if (column.Type == DataType.Text)
                {
                    writer.Write((string?)column.ValueAt(row) ?? "");
                }
                else
                {
                    writer.Write(column.IsPresent(row) ? (float)column.Float64s[row] : float.NaN);
                }
            }
        }

        writer.Write(TermCount);
        foreach (var term in Terms.Take(TermCount))
        {
            writer.Write(term);
        }
    }

    /// <summary>Features by group, as the peer names the groups.</summary>
    /// <param name="constants">Per number its offset, scale, count of bounds, and bounds.</param>
    public static Dictionary<string, (string Name, Expr Expr)[]> Features(double[] constants)
    {
        var rest = new Queue<double>(constants);
        var (scale, bucketize) = (new List<(string, Expr)>(), new List<(string, Expr)>());
        foreach (var name in Numbers)
        {
            var (offset, factor) = (rest.Dequeue(), rest.Dequeue());
            scale.Add(($"{name}_z", (Col(name) - offset) / (1 / factor)));
            var bounds = Enumerable.Range(0, (int)rest.Dequeue()).Select(_ => rest.Dequeue()).ToArray();
            bucketize.Add(($"{name}_b", Bucketize(Col(name), bounds)));
        }

        var known = new FixedTerms([.. Terms.Take(TermCount)], 1);
        (string, Expr)[] vocabulary = [.. Texts.Select(name => ($"{name}_v", new VocabularyExpr(Col(name), known)))];
        (string, Expr)[] hash = [.. Texts.Select(name => ($"{name}_h", Hash(Col(name), 1 << 16)))];
        return new()
        {
            ["scale"] = [.. scale],
            ["bucketize"] = [.. bucketize],
            ["vocabulary"] = vocabulary,
            ["hash"] = hash,
            ["all"] = [.. scale, .. bucketize, .. vocabulary, .. hash],
        };
    }

    static ColumnBatch MakeRows()
    {
        var schema = new Schema(
        [
            .. Numbers.Select(name => new Field(name, DataType.Float64)),
            .. Texts.Select(name => new Field(name, DataType.Text)),
        ]);
        var builder = new BatchBuilder(schema);
        var random = new SeededRandom(7);
        for (var row = 0; row < RowCount; row++)
        {
            foreach (var column in builder.Columns)
            {
                if (random.NextDouble() < 0.02)
                {
                    column.AppendMissing();
                }
                else if (column.Type == DataType.Text)
                {
                    column.Append(Terms[(int)(random.NextDouble() * Terms.Length)]);
                }
                else
                {
                    column.Append((float)(random.NextDouble() * 100));
                }
            }
        }

        return builder.Batch;
    }
}
