using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Training.Trees;

/// <summary>
/// Rows drawn evenly from all, column by column, by which LightGBM chooses the bins of each feature. Zeros are left out, as it
/// expects them.
/// </summary>
/// <remarks>
/// Every set of rows of the wanted size is equally likely: selection sampling, C. T. Fan, M. E. Muller, I. Rezucha, JASA 57 (1962)
/// (Knuth, TAOCP 2, 3.4.2, algorithm S).
/// </remarks>
sealed unsafe class RowSample
{
    const long MostBytes = 256 << 20;

    // LightGBM takes what is nearer to 0 for 0 (kZeroThreshold in meta.h).
    const float NearZero = 1e-35f;

    readonly double[][] _values;
    readonly int[][] _rows;
    readonly int[] _counts;

    RowSample(int columns, int rowCount)
    {
        RowCount = rowCount;
        _values = new double[columns][];
        _rows = new int[columns][];
        _counts = GC.AllocateArray<int>(columns, pinned: true);
        for (var column = 0; column < columns; column++)
        {
            _values[column] = GC.AllocateUninitializedArray<double>(rowCount, pinned: true);
            _rows[column] = GC.AllocateUninitializedArray<int>(rowCount, pinned: true);
        }
    }

    public int RowCount { get; }

    /// <summary>Whether some row, drawn or not, has another weight than 1.</summary>
    public bool IsWeighted { get; private set; }

    /// <param name="wanted">How many rows, unless there are fewer or they would need more than 256 MiB.</param>
    public static RowSample Of(
        FeatureStore rows, LaidNumbers numbers, int wanted, ulong seed, int batchSize, CancellationToken cancellationToken)
    {
        var columns = rows.Layout.Numerics.Length + rows.Layout.Categories.Length;
        var affordable = MostBytes / ((sizeof(double) + sizeof(int)) * Math.Max(1, columns));
        var sample = new RowSample(columns, (int)Math.Min(rows.RowCount, Math.Min(wanted, Math.Max(1000, affordable))));
        var random = new SeededRandom(seed);
        var (seen, drawn) = (0L, 0);
        var chosen = new int[batchSize];
        foreach (var batch in rows.Rows(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = 0;
            for (var row = 0; row < batch.RowCount; row++)
            {
                if ((rows.RowCount - seen++) * random.NextDouble() < sample.RowCount - drawn)
                {
                    chosen[count++] = row;
                    drawn++;
                }
            }

            sample.IsWeighted |= batch.Weights.ContainsAnyExcept(1f);
            sample.Take(batch.Features, numbers, chosen.AsSpan(0, count), drawn - count);
        }

        return sample;
    }

    /// <summary>An empty data set with bins for these rows' values.</summary>
    /// <param name="rowCount">How many rows it will hold.</param>
    /// <param name="allRows">Those and the ones that others hold.</param>
    public DatasetHandle CreateDataset(int rowCount, long allRows, string parameters)
    {
        var values = stackalloc double*[Math.Max(1, _values.Length)];
        var rows = stackalloc int*[Math.Max(1, _rows.Length)];
        for (var column = 0; column < _values.Length; column++)
        {
            values[column] = (double*)Marshal.UnsafeAddrOfPinnedArrayElement(_values[column], 0);
            rows[column] = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_rows[column], 0);
        }

        LightGbmException.Check(NativeLightGbm.LGBM_DatasetCreateFromSampledColumn(
            values, rows, _values.Length, (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_counts, 0), RowCount, rowCount, allRows,
            parameters, out var handle));
        GC.KeepAlive(this);
        return new DatasetHandle(handle);
    }

    /// <summary>Different where any drawn value is: two who draw the same choose the same bins.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var column = 0; column < _values.Length; column++)
        {
            hash.AppendData(MemoryMarshal.AsBytes(_counts.AsSpan(column, 1)));
            hash.AppendData(MemoryMarshal.AsBytes(_values[column].AsSpan(0, _counts[column])));
            hash.AppendData(MemoryMarshal.AsBytes(_rows[column].AsSpan(0, _counts[column])));
        }

        return hash.GetHashAndReset();
    }

    void Take(FeatureBuffer features, LaidNumbers numbers, ReadOnlySpan<int> chosen, int first)
    {
        var numerics = features.Layout.Numerics.Length;
        for (var column = 0; column < _values.Length; column++)
        {
            var (values, rows) = (_values[column], _rows[column]);
            ref var count = ref _counts[column];
            for (var index = 0; index < chosen.Length; index++)
            {
                var value = column < numerics
                    ? numbers.Laid(column, features.Numeric(column)[chosen[index]])
                    : features.Category(column - numerics)[chosen[index]];
                if (Math.Abs(value) > NearZero || double.IsNaN(value))
                {
                    (values[count], rows[count]) = (value, first + index);
                    count++;
                }
            }
        }
    }
}
