namespace Capstan.Data;

/// <summary>Merges runs of counted texts into one, the counts of equal texts added up.</summary>
static class CountMerge
{
    /// <param name="runs">Each in the order of its hashes; entries are valid until the next is asked for.</param>
    /// <returns>Each text once, in the order of hashes; valid until the next is asked for.</returns>
    public static IEnumerable<CountEntry> Of(IEnumerable<IEnumerable<CountEntry>> runs)
    {
        var cursors = runs.Select(run => run.GetEnumerator()).ToArray();
        try
        {
            var queue = new PriorityQueue<IEnumerator<CountEntry>, ulong>();
            foreach (var cursor in cursors.Where(cursor => cursor.MoveNext()))
            {
                queue.Enqueue(cursor, cursor.Current.Hash);
            }

            // Texts of one hash: one, but for collisions of 64 bits.
            var same = new List<(byte[] Utf8, int Length, long Count)>();
            while (queue.TryPeek(out _, out var hash))
            {
                same.Clear();
                while (queue.TryPeek(out var cursor, out var next) && next == hash)
                {
                    Add(same, cursor.Current);
                    if (cursor.MoveNext())
                    {
                        queue.DequeueEnqueue(cursor, cursor.Current.Hash);
                    }
                    else
                    {
                        queue.Dequeue();
                    }
                }

                foreach (var (utf8, length, count) in same)
                {
                    yield return new CountEntry(hash, utf8.AsMemory(0, length), count);
                }
            }
        }
        finally
        {
            foreach (var cursor in cursors)
            {
                cursor.Dispose();
            }
        }
    }

    static void Add(List<(byte[] Utf8, int Length, long Count)> same, CountEntry entry)
    {
        for (var index = 0; index < same.Count; index++)
        {
            var (utf8, length, count) = same[index];
            if (utf8.AsSpan(0, length).SequenceEqual(entry.Utf8.Span))
            {
                same[index] = (utf8, length, count + entry.Count);
                return;
            }
        }

        same.Add((entry.Utf8.ToArray(), entry.Utf8.Length, entry.Count));
    }
}
