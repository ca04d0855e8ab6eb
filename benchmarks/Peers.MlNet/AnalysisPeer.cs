using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Capstan.Benchmarks.Peers;

/// <summary>
/// Forty mixed columns from CSV: mean and variance of 22 numbers, 32 bins of 8 integers, keys of 10 texts, fitted and then computed for
/// all rows by a cursor. Keys are the first 1,000 found, since ML.NET does not rank by frequency.
/// </summary>
sealed class AnalysisPeer(string path)
{
    const int NumberCount = 22;
    const int IntegerCount = 8;
    const int TextCount = 10;
    const int Bins = 32;
    const int Terms = 1000;

    readonly MLContext _context = new(seed: 1);

    /// <returns>CPU seconds of the process, then the means of the numbers.</returns>
    public double[] Pass()
    {
        var start = Environment.CpuUsage.TotalTime;
        var rows = _context.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            HasHeader = true,
            Separators = [','],
            MissingRealsAsNaNs = true,
            Columns =
            [
                new("Numbers", DataKind.Single, 0, NumberCount - 1),
                new("Integers", DataKind.Single, NumberCount, NumberCount + IntegerCount - 1),
                new("Texts", DataKind.String, NumberCount + IntegerCount, NumberCount + IntegerCount + TextCount - 1),
            ],
        });
        var transforms = _context.Transforms;
        var fitted = new EstimatorChain<ITransformer>()
            .Append(transforms.NormalizeMeanVariance("Scaled", "Numbers", fixZero: false, useCdf: false))
            .Append(transforms.NormalizeBinning("Binned", "Integers", fixZero: false, maximumBinCount: Bins))
            .Append(transforms.Conversion.MapValueToKey("Keys", "Texts", maximumNumberOfKeys: Terms))
            .Fit(rows);
        ReadAll(fitted.Transform(rows));
        var seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        var affine = (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)
            ((NormalizingTransformer)fitted.First()).GetNormalizerModelParameters(0);
        return [seconds, .. affine.Offset.Select(offset => (double)offset)];
    }

    static void ReadAll(IDataView view)
    {
        using var cursor = view.GetRowCursor([view.Schema["Scaled"], view.Schema["Binned"], view.Schema["Keys"]]);
        var scaled = cursor.GetGetter<VBuffer<float>>(view.Schema["Scaled"]);
        var binned = cursor.GetGetter<VBuffer<float>>(view.Schema["Binned"]);
        var keys = cursor.GetGetter<VBuffer<uint>>(view.Schema["Keys"]);
        var (number, key) = (default(VBuffer<float>), default(VBuffer<uint>));
        while (cursor.MoveNext())
        {
            scaled(ref number);
            binned(ref number);
            keys(ref key);
        }
    }
}
