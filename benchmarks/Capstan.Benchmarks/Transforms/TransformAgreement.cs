using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>Compares what ML.NET's pipeline made of every row with ours, before anything is timed.</summary>
static class TransformAgreement
{
    /// <param name="path">What the peer wrote: row by row 10 scaled numbers, 10 bins of 0 to 1, 4 keys, 4 hashes.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="ours">All features of them: scaled numbers; categories of bins, of terms, of hashes.</param>
    /// <exception cref="InvalidOperationException">A value differs.</exception>
    public static void Check(string path, ColumnBatch batch, FeatureBuffer ours)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var hashes = new Dictionary<string, uint>();
        for (var row = 0; row < batch.RowCount; row++)
        {
            for (var column = 0; column < TransformTask.NumberCount; column++)
            {
                var (theirs, value) = (reader.ReadSingle(), ours.Numeric(column)[row]);
                Require(
                    batch.Columns[column].IsPresent(row) ? Math.Abs(theirs - value) <= 1e-5 : float.IsNaN(theirs),
                    row, "scaled number", column, value, theirs);
            }

            for (var column = 0; column < TransformTask.NumberCount; column++)
            {
                // Bin i of n comes as i / (n − 1); of our n + 1 categories the last is for missing values.
                var (theirs, category) = (reader.ReadSingle(), ours.Category(column)[row]);
                var last = ours.Layout.Categories[column].Cardinality - 2;
                Require(
                    batch.Columns[column].IsPresent(row) ? MathF.Round(theirs * last) == category : float.IsNaN(theirs),
                    row, "bin", column, category, theirs);
            }

            for (var column = 0; column < TransformTask.TextCount; column++)
            {
                // Keys count from 1, and 0 is both unknown and missing; ours have a category for each after the terms.
                var (theirs, category) = (reader.ReadUInt32(), ours.Category(TransformTask.NumberCount + column)[row]);
                Require(
                    category < TransformTask.TermCount ? theirs == category + 1 : theirs == 0,
                    row, "key", column, category, theirs);
            }

            for (var column = 0; column < TransformTask.TextCount; column++)
            {
                // Two hash functions: what must agree is that a text has one hash, and that missing texts are apart.
                var theirs = reader.ReadUInt32();
                var text = (string?)batch.Columns[TransformTask.NumberCount + column].ValueAt(row);
                Require(
                    text is null
                        ? theirs == 0
                        : theirs is > 0 and <= 1 << 16 && (hashes.TryAdd(text, theirs) || hashes[text] == theirs),
                    row, "hash", column, text ?? "missing", theirs);
            }
        }

        // 300 texts in 65,536 buckets: two or three of them may fall together, not more.
        var distinct = hashes.Values.Distinct().Count();
        if (distinct < hashes.Count - 5)
        {
            throw new InvalidOperationException(
                $"The peer's hashes of {hashes.Count} texts have only {distinct} values. Nothing was timed.");
        }
    }

    static void Require(bool agrees, int row, string what, int column, object ours, object theirs)
    {
        if (!agrees)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Row {row}, {what} {column}: ours is {ours}, the peer's {theirs}. Nothing was timed."));
        }
    }
}
