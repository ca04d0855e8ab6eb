using Capstan.Features;

namespace Capstan.Training.Trees;

/// <summary>
/// Stored rows in LightGBM's memory, each value as the number of its bin: mostly a byte each. They are handed over batch by batch, so
/// that no more than a batch lies unbinned in memory.
/// </summary>
sealed unsafe class BinnedRows : IDisposable
{
    // A batch as doubles: at most 4 MiB, unless a single row is larger.
    const int BatchValues = 1 << 19;
    const int MostBatchRows = 8192;

    // Sampling must not draw what bagging draws.
    const ulong SampleStream = 0x5A3B_11E5;

    // Rows to validate on have weights exactly if the training rows do: LightGBM has made room for them by then, and refuses to
    // make it again.
    readonly bool _isWeighted;

    readonly LaidNumbers _numbers;
    FeatureLayout? _layout;

    BinnedRows(DatasetHandle handle, bool isWeighted, LaidNumbers numbers, byte[] sampleHash) =>
        (Handle, _isWeighted, _numbers, SampleHash) = (handle, isWeighted, numbers, sampleHash);

    public DatasetHandle Handle { get; }

    /// <summary>Of the rows by which the bins were chosen; empty for rows in the bins of others.</summary>
    public byte[] SampleHash { get; }

    /// <summary>Bins for training.</summary>
    /// <param name="share">Which rows are laid in them; chosen they are by all.</param>
    /// <exception cref="ArgumentException">There are more rows to hold than a 32-bit number counts.</exception>
    /// <exception cref="LightGbmException">The library refuses.</exception>
    public static BinnedRows Of(
        FeatureStore rows, RowShare share, string parameters, BoostedTreesOptions options, LaidNumbers numbers,
        CancellationToken cancellationToken)
    {
        var rowCount = CountOf(share.Of(rows.RowCount));
        var sample = RowSample.Of(
            rows, numbers, options.BinningRows, options.Seed ^ SampleStream, BatchRows(rows.Layout), cancellationToken);
        var binned = new BinnedRows(
            sample.CreateDataset(rowCount, rows.RowCount, parameters), sample.IsWeighted, numbers, share.IsWhole ? [] : sample.Hash());
        binned.Push(rows.Layout, share.Rows(rows, BatchRows(rows.Layout)), null, cancellationToken);
        return binned;
    }

    /// <summary>Rows to follow, in the bins of the training rows.</summary>
    /// <param name="truth">Takes the rows' labels and weights, batch by batch.</param>
    public static BinnedRows Like(
        BinnedRows training, int rowCount, IEnumerable<TrainingBatch> rows, Action<TrainingBatch> truth,
        CancellationToken cancellationToken)
    {
        LightGbmException.Check(NativeLightGbm.LGBM_DatasetCreateByReference(training.Handle, rowCount, out var handle));
        var binned = new BinnedRows(new DatasetHandle(handle), training._isWeighted, training._numbers, []);
        binned.Push(training._layout!, rows, truth, cancellationToken); // its rows were pushed
        return binned;
    }

    /// <summary>Where the sums of a booster made hereafter begin, instead of at 0 or at what suits all rows.</summary>
    /// <param name="scores">[scores × rows], score after score; copied.</param>
    public void SetStart(double[] scores)
    {
        fixed (double* all = scores)
        {
            LightGbmException.Check(NativeLightGbm.LGBM_DatasetSetField(Handle, "init_score", all, scores.Length, NativeLightGbm.Float64));
        }
    }

    public void Dispose() => Handle.Dispose();

    /// <summary>Rows of [numeric features | categories], one after another.</summary>
    internal static void Lay(FeatureBuffer features, LaidNumbers numbers, Span<double> rows)
    {
        var layout = features.Layout;
        var width = layout.Numerics.Length + layout.Categories.Length;
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            var column = features.Numeric(index);
            var isPlain = numbers.IsPlain(index);
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * width + index] = isPlain ? column[row] : numbers.Laid(index, column[row]);
            }
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            var column = features.Category(index);
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * width + layout.Numerics.Length + index] = column[row];
            }
        }
    }

    static int CountOf(long rows) => rows < int.MaxValue ? (int)rows : throw new ArgumentException(
        $"There are {rows:N0} rows; boosted trees learn from at most {int.MaxValue - 1:N0} on a machine. Learn from a share of them " +
        "with a filter, by more workers, or with another estimator.");

    static int BatchRows(FeatureLayout layout) =>
        Math.Clamp(BatchValues / Math.Max(1, layout.Numerics.Length + layout.Categories.Length), 1, MostBatchRows);

    void Push(
        FeatureLayout layout, IEnumerable<TrainingBatch> batches, Action<TrainingBatch>? truth, CancellationToken cancellationToken)
    {
        _layout = layout;
        var width = layout.Numerics.Length + layout.Categories.Length;
        // The number of threads is the whole library's and may be another training's by the time that rows come: room for most.
        LightGbmException.Check(NativeLightGbm.LGBM_DatasetInitStreaming(
            Handle, _isWeighted && truth is null ? 1 : 0, 0, 0, 1, 1, BoostedTreesOptions.MostThreads));
        var (matrix, first) = (Array.Empty<double>(), 0);
        foreach (var batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (matrix.Length < batch.RowCount * width)
            {
                matrix = GC.AllocateUninitializedArray<double>(batch.RowCount * width);
            }

            Lay(batch.Features, _numbers, matrix);
            truth?.Invoke(batch);
            fixed (double* rows = matrix)
            fixed (float* labels = batch.Labels, weights = batch.Weights)
            {
                LightGbmException.Check(NativeLightGbm.LGBM_DatasetPushRowsWithMetadata(
                    Handle, rows, NativeLightGbm.Float64, batch.RowCount, width,
                    first, labels, _isWeighted ? weights : null, null, null, 0));
            }

            first += batch.RowCount;
        }

        LightGbmException.Check(NativeLightGbm.LGBM_DatasetMarkFinished(Handle));
    }
}
