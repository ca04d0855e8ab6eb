using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>In which form a push holds a block's gradients. The numbers travel; never reused.</summary>
enum GradientForm : int
{
    /// <summary>[rows × width].</summary>
    Sum = 1,

    /// <summary>A count, as many keys (rows of the block), [count × width]; a key that comes again is added to.</summary>
    Rows = 2,
}

/// <summary>One block's rows in a shard while they learn: values, optimizer, and the gradients of the step under way.</summary>
abstract class ParameterBlock(BlockSpec spec, BlockSlice slice, Optimizer optimizer)
{
    float[] _scratch = [];

    public BlockSpec Spec { get; } = spec;

    public BlockSlice Slice { get; } = slice;

    public int Length => Slice.Rows * Spec.Width;

    protected Optimizer Optimizer { get; } = optimizer;

    /// <summary>Forgets the gradients of the last step.</summary>
    /// <param name="rowCount">Examples of the step to come.</param>
    public virtual void Begin(int rowCount)
    {
    }

    /// <summary>Adds gradients that a push holds.</summary>
    /// <param name="keys">Remembered keys of the connection.</param>
    /// <param name="node">Of which parts they are, and where they go.</param>
    public abstract void Add(FrameBuffer push, WireNumbers numbers, KeyMemory keys, in NodeSums node);

    /// <summary>Adds up what is still apart, once all parts have come.</summary>
    public virtual void Finish()
    {
    }

    public abstract void AddPenalty(float l2);

    /// <summary>All gradients, for clipping.</summary>
    public abstract Span<float> Gradients { get; }

    /// <summary>Keeps what the step is about to change.</summary>
    public abstract void KeepPrevious();

    /// <summary>Moves the parameters.</summary>
    public abstract void Step(double rate);

    /// <summary>Sets all values, before the first step.</summary>
    public virtual void Assign(ReadOnlySpan<float> values)
    {
        if (Optimizer is FtrlOptimizer ftrl && values.ContainsAnyExcept(0f))
        {
            ftrl.StartAt(values);
        }
    }

    public abstract void Save(CheckpointWriter state, bool withPrevious);

    public abstract void Restore(CheckpointReader state, bool withPrevious);

    protected Span<float> ReadFloats(FrameBuffer push, int count, WireNumbers numbers) =>
        WireFloats.Read(push, count, numbers, ref _scratch);

    protected static FrameException WrongForm(GradientForm form) => new($"gradients of form {(int)form} do not fit the block");
}

/// <summary>A block that is pulled as a whole.</summary>
/// <param name="values">Of all dense blocks of the shard.</param>
/// <param name="previous">The same one step ago.</param>
/// <param name="sums">Their gradients.</param>
/// <param name="offset">Where this one's begin.</param>
sealed class DenseBlock(BlockSpec spec, BlockSlice slice, Optimizer optimizer, float[] values, float[] previous, float[] sums, int offset)
    : ParameterBlock(spec, slice, optimizer)
{
    public override Span<float> Gradients => sums.AsSpan(offset, Length);

    Span<float> Values => values.AsSpan(offset, Length);

    public override void Add(FrameBuffer push, WireNumbers numbers, KeyMemory keys, in NodeSums node)
    {
        var form = (GradientForm)push.Read<int>();
        if (form != GradientForm.Sum)
        {
            throw WrongForm(form);
        }

        node.Take(ReadFloats(push, Length, numbers), offset);
    }

    public override void AddPenalty(float l2) => ElementKernels.AddScaled(l2, Values, Gradients);

    public override void KeepPrevious() => Values.CopyTo(previous.AsSpan(offset));

    public override void Step(double rate)
    {
        Optimizer.BeginStep(rate);
        Optimizer.Update(0, Gradients, Values);
    }

    public override void Assign(ReadOnlySpan<float> start)
    {
        start.CopyTo(Values);
        base.Assign(start);
    }

    public override void Save(CheckpointWriter state, bool withPrevious)
    {
        state.Floats(301, Values);
        state.Floats(302, withPrevious ? previous.AsSpan(offset, Length) : []);
        Optimizer.Save(state);
    }

    public override void Restore(CheckpointReader state, bool withPrevious)
    {
        state.Floats(301, Values);
        state.Floats(302, withPrevious ? previous.AsSpan(offset, Length) : []);
        Optimizer.Restore(state);
    }
}

/// <summary>A block of which the rows needed are pulled.</summary>
/// <param name="values">Of all keyed blocks of the shard.</param>
/// <param name="offset">Where this one's begin.</param>
sealed class KeyedBlock(BlockSpec spec, BlockSlice slice, Optimizer optimizer, float[] values, int offset)
    : ParameterBlock(spec, slice, optimizer)
{
    readonly EmbeddingTable _table = new(slice.Rows, spec.Width, offset, optimizer);

    // 0 where the row did not change in the last step, else 1 + its place among those that did.
    readonly int[] _changedPlaces = new int[slice.Rows];
    int[] _changed = [];
    float[] _changedValues = [];
    int _changedCount;

    public override Span<float> Gradients => _table.Gradients;

    public override void Begin(int rowCount) => _table.Begin(rowCount);

    public override void Finish() => _table.Finish();

    public override void Add(FrameBuffer push, WireNumbers numbers, KeyMemory keys, in NodeSums node)
    {
        var form = (GradientForm)push.Read<int>();
        if (form != GradientForm.Rows)
        {
            throw WrongForm(form);
        }

        var rows = keys.Read(push, Slice);
        var gradients = ReadFloats(push, checked(rows.Length * Spec.Width), numbers);
        _table.AddSums(rows, MatrixSpan.RowMajor(gradients, rows.Length, Spec.Width, Spec.Width), node.FirstPart, node.Level);
    }

    public override void AddPenalty(float l2) => _table.AddPenalty(l2, values);

    public override void KeepPrevious()
    {
        ForgetPrevious();
        var touched = _table.Touched;
        if (_changed.Length < touched.Length)
        {
            _changed = new int[Math.Min(Slice.Rows, 2 * touched.Length)];
            _changedValues = new float[checked(_changed.Length * Spec.Width)];
        }

        for (var place = 0; place < touched.Length; place++)
        {
            _changed[place] = touched[place];
            _changedPlaces[touched[place]] = place + 1;
            Current(touched[place]).CopyTo(_changedValues.AsSpan(place * Spec.Width));
        }

        _changedCount = touched.Length;
    }

    public override void Step(double rate) => _table.Update(rate, values);

    /// <summary>Writes some rows' values.</summary>
    /// <param name="previous">As they were a step ago.</param>
    public void Gather(ReadOnlySpan<int> rows, bool previous, WireNumbers numbers, FrameBuffer reply)
    {
        if (numbers == WireNumbers.Single && Spec.Width == 1 && !previous)
        {
            var target = reply.AppendSpan<float>(rows.Length);
            var source = values.AsSpan(offset, Length);
            for (var index = 0; index < rows.Length; index++)
            {
                target[index] = source[rows[index]];
            }

            return;
        }

        foreach (var row in rows)
        {
            var isChanged = previous && _changedPlaces[row] > 0;
            WireFloats.Write(reply, isChanged ? _changedValues.AsSpan((_changedPlaces[row] - 1) * Spec.Width, Spec.Width) : Current(row), numbers);
        }
    }

    public override void Assign(ReadOnlySpan<float> start)
    {
        start.CopyTo(values.AsSpan(offset, Length));
        base.Assign(start);
    }

    public override void Save(CheckpointWriter state, bool withPrevious)
    {
        var count = withPrevious ? _changedCount : 0;
        state.Floats(311, values.AsSpan(offset, Length));
        state.Number(312, count);
        state.Bytes(313, MemoryMarshal.AsBytes(_changed.AsSpan(0, count)));
        state.Floats(314, _changedValues.AsSpan(0, count * Spec.Width));
        Optimizer.Save(state);
    }

    public override void Restore(CheckpointReader state, bool withPrevious)
    {
        ForgetPrevious();
        state.Floats(311, values.AsSpan(offset, Length));
        _changedCount = (int)state.Number(312, 0, Slice.Rows);
        _changed = MemoryMarshal.Cast<byte, int>(state.Bytes(313)).ToArray();
        _changedValues = new float[_changedCount * Spec.Width];
        state.Floats(314, _changedValues);
        for (var place = 0; place < _changedCount; place++)
        {
            _changedPlaces[_changed[place]] = place + 1;
        }

        Optimizer.Restore(state);
    }

    ReadOnlySpan<float> Current(int row) => values.AsSpan(offset + row * Spec.Width, Spec.Width);

    void ForgetPrevious()
    {
        foreach (var row in _changed.AsSpan(0, _changedCount))
        {
            _changedPlaces[row] = 0;
        }

        _changedCount = 0;
    }
}
