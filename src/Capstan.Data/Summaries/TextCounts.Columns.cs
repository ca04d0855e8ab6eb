namespace Capstan.Data;

/// <summary>Many texts at a time.</summary>
public sealed partial class TextCounts
{
    const int Step = 128;

    /// <summary>The present ones of a column's texts in consecutive rows, as if they were observed one by one.</summary>
    /// <exception cref="UnwritableFileException">The table is full and the temporary folder can't take it.</exception>
    public void Observe(Column texts, int start, int count)
    {
        Span<int> rows = stackalloc int[Step];
        Span<ulong> hashes = stackalloc ulong[Step];
        Span<int> places = stackalloc int[Step];
        for (var end = start + count; start < end; start += Step)
        {
            var present = 0;
            for (var row = start; row < Math.Min(start + Step, end); row++)
            {
                if (texts.IsPresent(row))
                {
                    (rows[present], hashes[present]) = (row, ValueHash.Of(texts.TextAt(row)));
                    present++;
                }
            }

            _table.Guess(hashes[..present], places);
            for (var index = 0; index < present; index++)
            {
                // What was guessed may have been moved to disk since, by one of the texts before.
                var place = places[index];
                var text = texts.TextAt(rows[index]);
                if ((uint)place < (uint)_table.Count && _table.SpanAt(place).SequenceEqual(text))
                {
                    _table.CountAt(place)++;
                }
                else
                {
                    Add(text, hashes[index], 1);
                }
            }

            Total += present;
        }
    }
}
