namespace Capstan.Data;

/// <summary>What every sink asks of a batch.</summary>
static class BatchSchemas
{
    /// <exception cref="ArgumentException">The batch has other columns.</exception>
    public static void Check(ColumnBatch batch, Schema expected)
    {
        if (!batch.Schema.Equals(expected))
        {
            throw new ArgumentException($"The batch has the columns {batch.Schema}; the file's are {expected}.", nameof(batch));
        }
    }
}
