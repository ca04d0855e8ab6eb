using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Globalization;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// Boosted trees under way: those there are, their losses, and which number of them was the best. All that a checkpoint holds.
/// </summary>
sealed class TreesRun : ICheckpointed
{
    readonly ModelOutput _output;
    readonly TreeEnsemble _start;
    readonly int? _offset;
    readonly ImmutableArray<EpochResult>.Builder _history = ImmutableArray.CreateBuilder<EpochResult>();
    Booster? _booster;
    int _settled;

    /// <param name="start">Trees that growing begins at, of an earlier model or a constant; none where it begins at nothing.</param>
    /// <param name="offset">The numeric feature that every score begins at; null for none.</param>
    public TreesRun(ModelOutput output, TreeEnsemble start, int? offset)
    {
        (_output, _start, _offset) = (output, start, offset);
        Settled = start;
    }

    /// <summary>Trees grown for each score.</summary>
    public int Count => _history.Count;

    /// <summary>How many were best on the validation rows; all where none are followed.</summary>
    public int Best { get; private set; }

    /// <summary>No split of any further tree is worth it.</summary>
    public bool IsExhausted { get; set; }

    public bool IsValidated => Count > 0 && _history[^1].ValidationLoss is not null;

    public EpochResult BestResult => _history[Best - 1];

    /// <summary>Whether scores begin at something else than what LightGBM begins at by itself.</summary>
    public bool HasStart => _offset is not null || Settled.TreeCount > 0;

    /// <summary>The trees that the present booster did not grow.</summary>
    public TreeEnsemble Settled { get; private set; }

    public string Position => string.Create(CultureInfo.InvariantCulture, $"{Count:N0} trees");

    public string? Unstorable => null;

    /// <summary>A predictor by some trees, that adds the offset.</summary>
    public BoostedTreesPredictor PredictorOf(TreeEnsemble trees) => new(_output, trees, _offset);

    /// <summary>Trees are grown by this one from now on; those so far are settled.</summary>
    /// <returns>The trees that became settled by this.</returns>
    public TreeEnsemble Settle()
    {
        var grown = _booster is null ? TreeEnsemble.Constant(_start.Features) : _booster.Freeze(Count - _settled);
        (Settled, _settled, _booster) = (Settled.Followed(grown), Count, null);
        return grown;
    }

    /// <summary>The booster that grows the next trees.</summary>
    public void GrowBy(Booster booster) => _booster = booster;

    public EpochResult Add(double trainingLoss, double? validationLoss)
    {
        var result = new EpochResult(Count + 1, trainingLoss, validationLoss);
        Add(result);
        return result;
    }

    /// <summary>Takes trees that others have grown, one for each score.</summary>
    public EpochResult Take(TreeEnsemble grown, double trainingLoss, double? validationLoss)
    {
        Settled = Settled.Followed(grown);
        var result = Add(trainingLoss, validationLoss);
        _settled = Count;
        return result;
    }

    public TrainingResult Result(StopReason reason) =>
        new(PredictorOf(All().First(_start.TreeCount + Best * _output.Width)), Best, _history.ToImmutable(), reason);

    public void Save(CheckpointWriter state)
    {
        state.Number(10, Count);
        state.Number(11, IsExhausted ? 1 : 0);
        foreach (var tree in _history)
        {
            state.Double(16, tree.TrainingLoss);
            state.Number(17, tree.ValidationLoss is null ? 0 : 1);
            state.Double(18, tree.ValidationLoss ?? 0);
        }

        var writer = new CborWriter(CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, PredictorOf(All()));
        state.Bytes(21, writer.Encode());
    }

    public void Restore(CheckpointReader state)
    {
        var count = (int)state.Number(10, 0, int.MaxValue);
        IsExhausted = state.Number(11, 0, 1) == 1;
        _history.Clear();
        for (var tree = 1; tree <= count; tree++)
        {
            var trainingLoss = state.Double(16);
            var isValidated = state.Number(17, 0, 1) == 1;
            var validationLoss = state.Double(18);
            Add(new EpochResult(tree, trainingLoss, isValidated ? validationLoss : null));
        }

        var stored = PredictorCodec.Read(new CborReader(state.Bytes(21), CborConformanceMode.Canonical), _start.Features);
        Settled = stored is BoostedTreesPredictor { Trees: var trees } && trees.TreeCount == _start.TreeCount + count * _output.Width
            ? trees
            : throw new CorruptStateException("checkpoint", $"it holds no {count:N0} trees for each score");
        _settled = count;
    }

    void Add(EpochResult result)
    {
        _history.Add(result);
        var isBest = Best == 0 || result.ValidationLoss is not { } loss || loss < BestResult.ValidationLoss;
        Best = isBest ? Count : Best;
    }

    TreeEnsemble All() => _booster is null ? Settled : Settled.Followed(_booster.Freeze(Count - _settled));
}
