using Capstan.Data;

namespace Capstan.Features;

/// <summary>Answers that fit into memory.</summary>
static class SqlAnswers
{
    /// <summary>All rows of a query in one batch.</summary>
    public static async Task<ColumnBatch> AllAsync(
        this ISqlSource database, string sql, Schema result, CancellationToken cancellationToken)
    {
        var all = new BatchBuilder(result);
        await foreach (var batch in database.QueryAsync(sql, result, cancellationToken))
        {
            all.AppendRange(batch, 0, batch.RowCount);
        }

        return all.Batch;
    }
}
