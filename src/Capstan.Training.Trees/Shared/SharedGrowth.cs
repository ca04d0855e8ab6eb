using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// One of several that grow the same trees together, each from its share of the rows: all find the same splits, by histograms summed over all
/// (LightGBM's data-parallel learner). Made, used and disposed of on one thread.
/// </summary>
/// <remarks>
/// The same trees as one machine's up to the order in which numbers are summed, where no rows or features are drawn. With rows drawn
/// each worker draws from its own; medians and quantiles in leaves are means of each share's.
/// Source: G. Ke et al., "LightGBM", NIPS 2017; Q. Meng et al., "A Communication-Efficient Parallel Algorithm for Decision Tree", NIPS 2016,
/// section 2 (data parallel).
/// </remarks>
sealed class SharedGrowth : IDisposable
{
    readonly SharedRows _rows;
    readonly RowScores _scores;
    readonly PeerNetwork _network;
    Booster _booster;
    int _grown;
    int _begunAt;

    /// <param name="start">Trees to go on from.</param>
    /// <param name="grown">How many of them, for each score, this training has grown.</param>
    /// <exception cref="PeerLostException">Somebody is gone.</exception>
    /// <exception cref="PeersDisagreeException">Somebody has other rows or options.</exception>
    public SharedGrowth(SharedRows rows, BoostedTreesPredictor start, int grown, ITreePeers peers, CancellationToken cancellationToken)
    {
        (_rows, _scores, _grown) = (rows, rows.Scores(), grown);
        _network = PeerNetwork.Join(peers);
        try
        {
            _network.Agree(rows.Fingerprint(start, grown));
            _booster = Begin(start, cancellationToken);
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    /// <summary>Trees grown for each score, those before included.</summary>
    public int Grown => _grown;

    /// <summary>Whether growing may begin after so many trees: what a booster has drawn so far can't be stored.</summary>
    public static bool MayBeginAfter(int grown, BoostedTreesOptions options) => !options.Draws || grown % TreeGrowth.TreesPerBooster == 0;

    /// <summary>Grows one tree more for every score, with all others.</summary>
    /// <returns>It; null if there is nothing to split.</returns>
    /// <exception cref="PeerLostException">Somebody is gone; what was grown is lost.</exception>
    public TreeEnsemble? Grow(CancellationToken cancellationToken)
    {
        if (_rows.Options.Draws && _grown > _begunAt && _grown % TreeGrowth.TreesPerBooster == 0)
        {
            var added = _booster.Freeze(_grown - _begunAt);
            _booster.Dispose();
            _booster = Begin(new BoostedTreesPredictor(_rows.Loss.Output, added), cancellationToken);
        }

        bool isSplit;
        try
        {
            isSplit = _booster.Grow();
        }
        catch (LightGbmException)
        {
            // What stands in for a lost peer's part makes no sense, and LightGBM may say so.
            _network.ThrowIfLost();
            throw;
        }

        _network.ThrowIfLost();
        // As on one machine: a tree without a split is only kept as the first.
        if (!isSplit && _grown > 0)
        {
            return null;
        }

        return _booster.Tree(_grown++ - _begunAt);
    }

    public void Dispose()
    {
        _booster.Dispose();
        _network.Dispose();
    }

    Booster Begin(BoostedTreesPredictor added, CancellationToken cancellationToken)
    {
        _begunAt = _grown;
        _rows.Binned.SetStart(_scores.Add(added, cancellationToken));
        return new Booster(_rows.Binned, _rows.Parameters(_grown), _rows.Layout, _rows.Numbers.MissingValues);
    }
}
