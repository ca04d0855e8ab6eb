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

    /// <summary>Refuses lists, before a file is created.</summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="UnsupportedColumnException">A column holds lists.</exception>
    public static string WithoutLists(string path, Schema schema) =>
        schema.Fields.FirstOrDefault(field => field.Type == DataType.TextList) is { Name: string column }
            ? throw new UnsupportedColumnException(path, column)
            : path;
}
