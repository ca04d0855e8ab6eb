using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>Applies some features to a batch again and again, on one thread and into memory that is kept.</summary>
sealed class TransformTimer
{
    readonly ColumnBatch _batch;
    readonly FrozenTransform _transform;
    readonly TransformWorkspace _workspace;

    public TransformTimer(ColumnBatch batch, (string Name, Expr Expr)[] features)
    {
        _batch = batch;
        _transform = new FrozenTransform(batch.Schema, [.. features]);
        (Output, _workspace) = (new FeatureBuffer(_transform.Output), _transform.CreateWorkspace());
        _transform.Apply(batch, Output, _workspace);
        CompareWithReference();
    }

    public FeatureBuffer Output { get; }

    public int CellCount => _batch.RowCount * _transform.Features.Length;

    /// <returns>CPU seconds of the process.</returns>
    public double Run(int repeats)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            _transform.Apply(_batch, Output, _workspace);
        }

        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <returns>Bytes that one application allocates.</returns>
    public long Allocated()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _transform.Apply(_batch, Output, _workspace);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The row reference says the same, or nothing is timed.</summary>
    void CompareWithReference()
    {
        var (numerics, categories) = (IndexesOf(_transform.Output.Numerics), IndexesOf(_transform.Output.Categories));
        foreach (var (name, expr) in _transform.Features)
        {
            for (var row = 0; row < 100; row++)
            {
                var expected = RowReference.Evaluate(expr, _batch, row);
                var agrees = categories.TryGetValue(name, out var index)
                    ? Output.Category(index)[row] == (int)expected! // categories are never missing
                    : Output.Numeric(numerics[name])[row].Equals((float)(double)(expected ?? 0.0));
                if (!agrees)
                {
                    throw new InvalidOperationException(
                        $"{expr}: row {row} differs from the reference's {expected}. Nothing was timed.");
                }
            }
        }

        static Dictionary<string, int> IndexesOf(IEnumerable<FeatureSpec> specs) =>
            specs.Select((spec, index) => (spec.Name, index)).ToDictionary();
    }
}
