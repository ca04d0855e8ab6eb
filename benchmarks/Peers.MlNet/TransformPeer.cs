using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Capstan.Benchmarks.Peers;

/// <summary>
/// The benchmark's rows through one fitted ML.NET pipeline: mean and variance, 32 bins, keys of known terms, 16-bit hashes.
/// Numbers and texts are a vector column each, which ML.NET passes through faster than fourteen single columns.
/// </summary>
sealed class TransformPeer
{
    const int NumberCount = 10;
    const int TextCount = 4;
    const int Bins = 32;

    // A pass goes over the batch this many times with one cursor, so that opening the cursor does not weigh.
    const int RoundsPerPass = 16;

    static readonly Dictionary<string, string[]> Groups = new()
    {
        ["scale"] = ["Scaled"],
        ["bucketize"] = ["Binned"],
        ["vocabulary"] = ["Keys"],
        ["hash"] = ["Hashes"],
        ["all"] = ["Scaled", "Binned", "Keys", "Hashes"],
    };

    readonly MLContext _context = new(seed: 1);
    readonly TransformRow[] _rows;
    readonly TransformerChain<ITransformer> _fitted;
    readonly IDataView _output;

    /// <summary>Reads what <c>TransformTask.Save</c> wrote, and fits the pipeline on it.</summary>
    public TransformPeer(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        _rows = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadRow(reader))];
        var terms = Enumerable.Range(0, reader.ReadInt32()).Select(_ => new TermRow { Term = reader.ReadString() }).ToArray();

        var (transforms, conversion) = (_context.Transforms, _context.Transforms.Conversion);
        var rows = _context.Data.LoadFromEnumerable(_rows);
        var pipeline = new EstimatorChain<ITransformer>()
            .Append(transforms.NormalizeMeanVariance("Scaled", "Numbers", fixZero: false, useCdf: false))
            .Append(transforms.NormalizeBinning("Binned", "Numbers", fixZero: false, maximumBinCount: Bins))
            .Append(conversion.MapValueToKey("Keys", "Texts", keyData: _context.Data.LoadFromEnumerable(terms)))
            .Append(conversion.Hash("Hashes", "Texts", numberOfBits: 16));
        _fitted = new TransformerChain<ITransformer>([.. pipeline.Fit(rows)]);
        _output = _fitted.Transform(_context.Data.LoadFromEnumerable(Rounds()));
    }

    public int RowsPerPass => RoundsPerPass * _rows.Length;

    /// <summary>What was fitted, so that the other side can do the same: per number its offset, scale, and upper bounds.</summary>
    public string Constants()
    {
        var (affine, binned) = (AffineNormalizer(_fitted.ElementAt(0)), BinNormalizer(_fitted.ElementAt(1)));
        return string.Join(' ', Enumerable.Range(0, NumberCount).SelectMany(index =>
        {
            // The last bin has no upper bound.
            var bounds = binned.UpperBounds[index].Where(float.IsFinite).ToArray();
            return (float[])[affine.Offset[index], affine.Scale[index], bounds.Length, .. bounds];
        }).Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>Writes, row by row, 10 scaled numbers, 10 bins (of 0 to 1), 4 keys (from 1; 0 for none) and 4 hashes.</summary>
    public string Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        using var cursor = _output.GetRowCursor(Groups["all"].Select(name => _output.Schema[name]));
        var (scaled, binned) = (Getter<float>(cursor, "Scaled"), Getter<float>(cursor, "Binned"));
        var (keys, hashes) = (Getter<uint>(cursor, "Keys"), Getter<uint>(cursor, "Hashes"));
        var (numbers, numerals) = (default(VBuffer<float>), default(VBuffer<uint>));
        for (var row = 0; row < _rows.Length; row++)
        {
            cursor.MoveNext();
            foreach (var getter in new[] { scaled, binned })
            {
                getter(ref numbers);
                numbers.DenseValues().ToList().ForEach(writer.Write);
            }

            foreach (var getter in new[] { keys, hashes })
            {
                getter(ref numerals);
                numerals.DenseValues().ToList().ForEach(writer.Write);
            }
        }

        return "ok";
    }

    /// <returns>CPU seconds of the process.</returns>
    public double Pass(string group, int count)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (var pass = 0; pass < count; pass++)
        {
            ReadAll(Groups[group]);
        }

        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    void ReadAll(string[] columns)
    {
        using var cursor = _output.GetRowCursor(columns.Select(name => _output.Schema[name]));
        var numbers = columns.Where(name => name is "Scaled" or "Binned").Select(name => Getter<float>(cursor, name)).ToArray();
        var numerals = columns.Where(name => name is "Keys" or "Hashes").Select(name => Getter<uint>(cursor, name)).ToArray();
        var (number, numeral) = (default(VBuffer<float>), default(VBuffer<uint>));
        while (cursor.MoveNext())
        {
            foreach (var getter in numbers)
            {
                getter(ref number);
            }

            foreach (var getter in numerals)
            {
                getter(ref numeral);
            }
        }
    }

    ValueGetter<VBuffer<T>> Getter<T>(DataViewRowCursor cursor, string column) =>
        cursor.GetGetter<VBuffer<T>>(_output.Schema[column]);

    IEnumerable<TransformRow> Rounds()
    {
        for (var round = 0; round < RoundsPerPass; round++)
        {
            foreach (var row in _rows)
            {
                yield return row;
            }
        }
    }

    static NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> AffineNormalizer(ITransformer fitted) =>
        (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)((NormalizingTransformer)fitted)
        .GetNormalizerModelParameters(0);

    static NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<float>> BinNormalizer(ITransformer fitted) =>
        (NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<float>>)((NormalizingTransformer)fitted)
        .GetNormalizerModelParameters(0);

    static TransformRow ReadRow(BinaryReader reader) => new()
    {
        Numbers = [.. Enumerable.Range(0, NumberCount).Select(_ => reader.ReadSingle())],
        Texts = [.. Enumerable.Range(0, TextCount).Select(_ => reader.ReadString())],
    };

    /// <summary>A missing number is NaN, a missing text empty, as ML.NET has it.</summary>
    sealed class TransformRow
    {
        [VectorType(NumberCount)]
        public float[] Numbers { get; init; } = [];

        [VectorType(TextCount)]
        public string[] Texts { get; init; } = [];
    }

    sealed class TermRow
    {
        public string Term { get; init; } = "";
    }
}
