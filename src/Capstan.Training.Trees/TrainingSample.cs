namespace Capstan.Training.Trees;

/// <summary>Some of the training rows, spread evenly over all of them, whose loss stands for that of all.</summary>
static class TrainingSample
{
    // 16 MiB of features.
    const int MostValues = 1 << 22;

    /// <param name="most">How many rows at most, of those with a weight; fewer where each has very many features.</param>
    public static TrainingBatch Of(FeatureStore rows, int most)
    {
        var layout = rows.Layout;
        var width = Math.Max(1, layout.Numerics.Length + layout.Categories.Length);
        most = Math.Clamp(MostValues / width, 1, most);
        var step = (rows.RowCount + most - 1) / most;
        var sample = new TrainingBatch(layout);
        sample.Resize((int)((rows.RowCount + step - 1) / step));
        var (weighted, taken) = (0L, 0);
        foreach (var batch in rows.Rows(8192))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (batch.Weights[row] > 0 && weighted++ % step == 0)
                {
                    Copy(batch, row, sample, taken++);
                }
            }
        }

        sample.Truncate(taken);
        return sample;
    }

    static void Copy(TrainingBatch from, int row, TrainingBatch to, int place)
    {
        var layout = from.Features.Layout;
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            to.Features.Numeric(index)[place] = from.Features.Numeric(index)[row];
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            to.Features.Category(index)[place] = from.Features.Category(index)[row];
        }

        (to.Labels[place], to.Weights[place]) = (from.Labels[row], from.Weights[row]);
    }
}
