using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>LightGBM at work: the binned rows, those whose losses are followed, and the booster that grows the next trees.</summary>
sealed class TreeGrowth : ITreeGrowth
{
    /// <summary>
    /// So many rows tell the training loss to about a percent; all of them would cost as much as a fifth of the growing.
    /// </summary>
    public const int FollowedTrainingRows = 8192;

    /// <summary>
    /// So many trees come from one booster where their random draws shall be taken up again: what LightGBM has drawn so far can't be
    /// stored, so that the next booster draws anew.
    /// </summary>
    public const int TreesPerBooster = 50;

    readonly TreesRun _run;
    readonly FeatureStore _train;
    readonly BoostedTreesOptions _options;
    readonly LaidNumbers _numbers;
    readonly LightGbmObjective _objective;
    readonly NativeThreads _threads;
    readonly BinnedRows _rows;
    readonly FollowedRows _sample;
    readonly FollowedRows? _validation;
    readonly RowScores _scores;
    Booster _booster;

    public TreeGrowth(
        TreesRun run, Loss loss, FeatureStore train, FeatureStore? validation, BoostedTreesOptions options, LaidNumbers numbers,
        CancellationToken cancellationToken)
    {
        (_run, _train, _options, _numbers, _objective) = (run, train, options, numbers, new LightGbmObjective(loss));
        _threads = NativeThreads.Hold(options.Threads);
        _rows = BinnedRows.Of(train, RowShare.Whole, Parameters(), options, numbers, cancellationToken);
        _scores = new RowScores((int)train.RowCount, () => train.Rows(8192), loss.Output.Width);
        var sample = TrainingSample.Of(train, FollowedTrainingRows);
        _sample = new FollowedRows(_rows, sample.RowCount, () => [sample], loss, cancellationToken);
        _validation = validation is null
            ? null
            : new FollowedRows(_rows, (int)validation.RowCount, () => validation.Rows(8192), loss, cancellationToken);
        _booster = Begin(run.PredictorOf(run.Settled), cancellationToken);
    }

    /// <inheritdoc/>
    public EpochResult? Grow()
    {
        // A tree without a split is only kept as the first, where it is the constant.
        if (!_booster.Grow() && _run.Count > 0)
        {
            _run.IsExhausted = true;
            return null;
        }

        return _run.Add(_sample.LossIn(_booster, 1), _validation?.LossIn(_booster, 2));
    }

    /// <inheritdoc/>
    public void ChangeBooster(CancellationToken cancellationToken)
    {
        var grown = _run.Settle();
        _booster.Dispose();
        _booster = Begin(_run.PredictorOf(grown), cancellationToken);
    }

    public void Dispose()
    {
        _booster.Dispose();
        _validation?.Dispose();
        _sample.Dispose();
        _rows.Dispose();
        _threads.Dispose();
    }

    /// <summary>What the booster that grows on from so many trees draws by.</summary>
    public static ulong SeedAfter(int trees, BoostedTreesOptions options)
    {
        var boosters = trees / TreesPerBooster;
        return boosters == 0 ? options.Seed : new SeededRandom(options.Seed, (ulong)boosters).NextUInt64();
    }

    /// <param name="added">The trees that no booster before has begun with.</param>
    Booster Begin(BoostedTreesPredictor added, CancellationToken cancellationToken)
    {
        if (_run.HasStart)
        {
            _rows.SetStart(_scores.Add(added, cancellationToken));
            _sample.Begin(added, cancellationToken);
            _validation?.Begin(added, cancellationToken);
        }

        var booster = new Booster(_rows, Parameters(), _train.Layout, _numbers.MissingValues);
        _sample.Follow(booster);
        _validation?.Follow(booster);
        _run.GrowBy(booster);
        return booster;
    }

    string Parameters() =>
        LightGbmParameters.Of(_options, SeedAfter(_run.Count, _options), _objective, _train.Layout, _threads.Count);
}
