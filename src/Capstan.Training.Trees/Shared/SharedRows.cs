using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// One worker's share of the rows in LightGBM's memory, in bins chosen by all rows, so that every worker has the same. Lasts over any number of
/// <see cref="SharedGrowth"/>s, one at a time.
/// </summary>
sealed class SharedRows : IDisposable
{
    readonly FeatureStore _store;
    readonly RowShare _share;
    readonly NativeThreads _threads;

    /// <param name="store">All rows, as every worker has them.</param>
    /// <exception cref="ArgumentException">Options are out of range or do not fit the features or the loss, or there are fewer rows than
    /// shares.</exception>
    /// <exception cref="LightGbmException">The native library can't be loaded, or refuses.</exception>
    public SharedRows(Loss loss, FeatureStore store, RowShare share, BoostedTreesOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        if (store.RowCount < share.Count)
        {
            throw new ArgumentException($"There are {store.RowCount:N0} training rows for {share.Count:N0} workers, expected one each at least.");
        }

        LightGbmLibrary.Load();
        _threads = NativeThreads.Hold(options.Threads);
        (_store, _share, Loss, Options) = (store, share, loss, options);
        int? offset = OffsetFeature.IndexOf(options.Offset, store.Layout, loss) is >= 0 and var index ? index : null;
        Numbers = LaidNumbers.Of(store, offset, options.MissingValues);
        Binned = BinnedRows.Of(store, share, Parameters(0), options, Numbers, cancellationToken);
    }

    public Loss Loss { get; }

    public BoostedTreesOptions Options { get; }

    public LaidNumbers Numbers { get; }

    public BinnedRows Binned { get; }

    public Features.FeatureLayout Layout => _store.Layout;

    /// <summary>How many rows the share has.</summary>
    public int RowCount => (int)_share.Of(_store.RowCount); // fewer than LightGBM takes

    /// <summary>Sums of the share's rows, still without a tree.</summary>
    public RowScores Scores() => new(RowCount, () => _share.Rows(_store, 8192), Loss.Output.Width);

    /// <summary>What a booster is told that goes on from so many trees.</summary>
    public string Parameters(int grown) => Parameters(grown, _threads.Count);

    /// <summary>
    /// What all who grow the same trees have in common: their rows, as far as a sample tells, options but for threads, and beginning.
    /// </summary>
    public byte[] Fingerprint(BoostedTreesPredictor start, int grown)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Parameters(grown, threads: 1)));
        hash.AppendData(Binned.SampleHash);
        hash.AppendData(MemoryMarshal.AsBytes<double>([_store.RowCount, _store.Labels.WeightSum, _store.Labels.Mean, grown]));
        hash.AppendData(MemoryMarshal.AsBytes(Numbers.MissingValues.AsSpan()));
        hash.AppendData(PredictorCodec.ToBytes(start));
        return hash.GetHashAndReset();
    }

    public void Dispose()
    {
        Binned.Dispose();
        _threads.Dispose();
    }

    string Parameters(int grown, int threads) => LightGbmParameters.Of(
        Options, TreeGrowth.SeedAfter(grown, Options), new LightGbmObjective(Loss), _store.Layout, threads, _share.Count);
}
