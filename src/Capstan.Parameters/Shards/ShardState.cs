using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// The parameters of one shard and what their optimizers remember: takes gradients in, in a fixed order, and makes steps. Knows
/// nothing of connections. Not thread-safe.
/// </summary>
/// <remarks>
/// The steps are those of <see cref="DnnLearner.Learn"/>, by the same kernels in the same order, so that the same gradients
/// give the same bits; only the L2 norm for clipping needs all parameters in one shard.
/// </remarks>
sealed partial class ShardState
{
    readonly TrainingJob _job;
    readonly ParameterBlock[] _blocks;
    readonly ParameterBlock?[] _byBlock;
    readonly float[] _dense;
    readonly float[] _previousDense;
    readonly float[] _denseSums;
    readonly PartSums _partSums;
    readonly int _layerLength;
    float[] _scratch = [];
    long _nextSumsFrom;

    public ShardState(TrainingJob job, int shardIndex)
    {
        _job = job;
        var all = job.Blocks;
        var slices = KeyRanges.Cut(all.AsSpan(), job.Shards)[shardIndex];
        var keeps = job.Consistency == Consistency.Synchronous;
        _dense = GC.AllocateArray<float>(LengthOf(all, slices, BlockKind.Dense), pinned: true);
        _previousDense = GC.AllocateArray<float>(keeps ? _dense.Length : 0, pinned: true);
        _denseSums = GC.AllocateArray<float>(_dense.Length, pinned: true);
        _partSums = new PartSums(_dense.Length);
        _layerLength = slices.Where(slice => all[slice.Block] is { Kind: BlockKind.Dense, Rule: BlockRule.Network })
            .Sum(slice => slice.Rows * all[slice.Block].Width);
        var keyed = GC.AllocateArray<float>(LengthOf(all, slices, BlockKind.Keyed), pinned: true);
        var (denseAt, keyedAt) = (0, 0);
        _blocks = new ParameterBlock[slices.Length];
        _byBlock = new ParameterBlock?[all.Length];
        for (var index = 0; index < slices.Length; index++)
        {
            var slice = slices[index];
            var spec = all[slice.Block];
            var length = slice.Rows * spec.Width;
            var optimizer = OptimizerFor(job, spec.Rule, length);
            if (spec.Kind == BlockKind.Dense)
            {
                _blocks[index] = new DenseBlock(spec, slice, optimizer, _dense, _previousDense, _denseSums, denseAt);
                denseAt += length;
            }
            else
            {
                _blocks[index] = new KeyedBlock(spec, slice, optimizer, keyed, keyedAt);
                keyedAt += length;
            }

            _byBlock[slice.Block] = _blocks[index];
        }

        Begin();
    }

    /// <summary>
    /// In place of a block's index in a push: the sums of all layers that the shard holds, which lie side by side.
    /// </summary>
    public const int AllLayers = -1;

    /// <summary>Steps made.</summary>
    public long Version { get; private set; }

    /// <summary>The step at which the sums of losses began: that of an epoch.</summary>
    public long SumsFrom { get; private set; }

    public double LossSum { get; private set; }

    public double WeightSum { get; private set; }

    /// <summary>The loss that was no number; nothing is learned any more then.</summary>
    public double? DivergedLoss { get; private set; }

    /// <summary>Pieces of work taken in: steps, or batches where they come in any order.</summary>
    public UnitLedger Ledger { get; } = new();

    /// <summary>Pushes taken in and not, since the server has it: what a ledger counts.</summary>
    public long Duplicates { get; set; }

    public ReadOnlySpan<float> Dense => _dense;

    public ReadOnlySpan<float> PreviousDense => _previousDense;

    public int RowsOf(long step) =>
        (int)Math.Min(_job.Training.BatchSize, _job.RowCount - step % _job.BatchesPerEpoch * _job.Training.BatchSize);

    /// <summary>A linear model learns row by row: its batches have no parts that could be learned side by side.</summary>
    public int PartsOf(long step) =>
        _job.Learner is LearnerDefinition.Linear ? 1 : (RowsOf(step) + ForwardPass.MaxRows - 1) / ForwardPass.MaxRows;

    /// <exception cref="FrameException">The shard has no such block.</exception>
    public ParameterBlock Block(int block) =>
        (uint)block < (uint)_byBlock.Length && _byBlock[block] is { } found
            ? found
            : throw new FrameException($"block {block} is not of this shard");

    /// <summary>Begins new sums of losses at a step: now, or when the state, which may have been set back, comes to it.</summary>
    public void SumFrom(long from)
    {
        if (from != SumsFrom && from == Version)
        {
            (SumsFrom, LossSum, WeightSum) = (from, 0, 0);
        }

        _nextSumsFrom = from;
    }

    /// <summary>Forgets the gradients of the step under way.</summary>
    public void Begin()
    {
        _partSums.Begin();
        var rows = RowsOf(_job.Consistency == Consistency.Synchronous ? Version : 0);
        foreach (var block in _blocks)
        {
            block.Begin(rows);
        }
    }

    /// <summary>Adds the gradients that a push holds of some parts of the batch.</summary>
    /// <param name="firstPart">After all that have come.</param>
    /// <param name="parts">A node of <see cref="PartTree"/>.</param>
    public void Add(FrameBuffer push, KeyMemory keys, int firstPart, int parts)
    {
        var level = PartTree.LevelOf(parts);
        var sums = new NodeSums(_partSums.Next(_denseSums, firstPart, level, out var isAdded), isAdded, firstPart, level);
        var (count, denseCount) = (push.Read<int>(), 0);
        for (var entry = 0; entry < count; entry++)
        {
            var block = push.Read<int>();
            if (block == AllLayers)
            {
                sums.Take(WireFloats.Read(push, _layerLength, _job.Numbers, ref _scratch), 0);
                denseCount += _layerLength;
            }
            else
            {
                Block(block).Add(push, _job.Numbers, keys, sums);
                denseCount += Block(block) is DenseBlock dense ? dense.Length : 0;
            }
        }

        if (denseCount == 0)
        {
            sums.TakeNone();
        }
        else if (denseCount != _dense.Length)
        {
            throw new FrameException($"a push holds gradients of {denseCount:N0} dense parameters, and the shard has {_dense.Length:N0}");
        }
    }

    /// <summary>Makes the step of the gradients added, and begins the next.</summary>
    /// <param name="unit">The batch that they are of.</param>
    /// <returns>False if the loss is no number: nothing was learned, and nothing will be.</returns>
    public bool Step(long unit, double loss, double weightSum)
    {
        if (!double.IsFinite(loss))
        {
            DivergedLoss ??= loss;
            return false;
        }

        Prepare();
        var network = (_job.Learner as LearnerDefinition.Network)?.Options;
        var rate = network is null ? 0 : network.LearningRate * network.RateFactorAt(Version + 1) * 1.0;
        foreach (var block in _blocks)
        {
            // A network's gradients are of the batch's mean loss.
            if (block.Spec.Rule == BlockRule.Ftrl && network is not null)
            {
                Data.ElementKernels.Scale(RowsOf(unit), block.Gradients);
            }

            block.Step(rate);
        }

        Ledger.Add(unit);
        Version++;
        LossSum += loss;
        WeightSum += weightSum;
        SumFrom(_nextSumsFrom);
        Begin();
        return true;
    }

    public void Save(CheckpointWriter state, bool withPrevious)
    {
        state.Number(331, Version);
        state.Number(332, SumsFrom);
        state.Double(333, LossSum);
        state.Double(334, WeightSum);
        state.Number(335, DivergedLoss is null ? 0 : 1);
        state.Double(336, DivergedLoss ?? 0);
        state.Number(337, withPrevious ? 1 : 0);
        Ledger.Save(state);
        foreach (var block in _blocks)
        {
            block.Save(state, withPrevious);
        }
    }

    public void Restore(CheckpointReader state)
    {
        Version = state.Number(331, 0, long.MaxValue);
        SumsFrom = state.Number(332, 0, long.MaxValue);
        LossSum = state.Double(333);
        WeightSum = state.Double(334);
        var diverged = state.Number(335, 0, 1) == 1;
        var loss = state.Double(336);
        DivergedLoss = diverged ? loss : null;
        var withPrevious = state.Number(337, 0, 1) == 1;
        _nextSumsFrom = SumsFrom;
        Ledger.Restore(state);
        foreach (var block in _blocks)
        {
            block.Restore(state, withPrevious);
        }

        Begin();
    }

    static Optimizer OptimizerFor(TrainingJob job, BlockRule rule, int length) => (job.Learner, rule) switch
    {
        (_, BlockRule.Replace) => new ReplacingOptimizer(),
        (LearnerDefinition.Network network, BlockRule.Network) => Optimizer.Create(network.Options, length),
        (LearnerDefinition.Network { Options.Wide: { } wide }, _) => new FtrlOptimizer(wide.Ftrl, length),
        (LearnerDefinition.Linear linear, BlockRule.FtrlOfBias) => new FtrlOptimizer(linear.Options with { L1 = 0, L2 = 0 }, length),
        (LearnerDefinition.Linear linear, _) => new FtrlOptimizer(linear.Options, length),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    static int LengthOf(ImmutableArray<BlockSpec> blocks, ImmutableArray<BlockSlice> slices, BlockKind kind)
    {
        var length = slices.Where(slice => blocks[slice.Block].Kind == kind).Sum(slice => (long)slice.Rows * blocks[slice.Block].Width);
        return length <= Array.MaxLength
            ? (int)length
            : throw new ArgumentException(
                $"A shard would hold {length:N0} parameters, and {Array.MaxLength:N0} are the most. Use more parameter servers.");
    }
}
