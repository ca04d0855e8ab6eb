namespace Capstan.Training.Trees.Tests.Shared;

public sealed class RowShareTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(100, 3, 7)]
    [InlineData(100, 7, 3)]
    [InlineData(5, 5, 2)]
    [InlineData(1000, 4, 1000)]
    public void Shares_hold_every_row_once(int rowCount, int count, int batchSize)
    {
        var batch = TreeRows.Batch(new Loss.Squared(), rowCount, 1, weighted: true);
        using var store = TreeRows.Store(batch);
        var found = new Dictionary<int, (float Label, float Weight, float X, int City)>();

        for (var index = 0; index < count; index++)
        {
            var (share, own) = (new RowShare(index, count), 0);
            foreach (var part in share.Rows(store, batchSize))
            {
                for (var row = 0; row < part.RowCount; row++)
                {
                    found.Add(
                        index + count * own++, (part.Labels[row], part.Weights[row], part.Features.Numeric(0)[row], part.Features.Category(0)[row]));
                }
            }

            Assert.Equal(share.Of(rowCount), own);
        }

        Assert.Equal(rowCount, found.Count);
        for (var row = 0; row < rowCount; row++)
        {
            Assert.Equal((batch.Labels[row], batch.Weights[row], batch.Features.Numeric(0)[row], batch.Features.Category(0)[row]), found[row]);
        }
    }
}
