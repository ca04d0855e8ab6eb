using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Capstan.Benchmarks.Peers;

/// <summary>
/// The flights pipeline as nearly as ML.NET has it: scaled and binned distance, one-hot hour, weekday, quarter of an hour,
/// origin and destination, and hashed pairs of them; then one pass of the averaged perceptron, its online linear learner.
/// </summary>
/// <remarks>The parts of the date come ready in the file, because ML.NET's own transforms have none for dates.</remarks>
sealed class LinearPeer
{
    const float June = 6;

    readonly MLContext _context = new(seed: 1);
    readonly string _path;
    readonly ITransformer _features;

    /// <summary>Fits the features, and saves the loaded columns in ML.NET's binary format beside the CSV.</summary>
    public LinearPeer(string path)
    {
        _path = path;
        var rows = Csv();
        using (var file = File.Create(BinaryPath))
        {
            _context.Data.SaveAsBinary(rows, file);
        }

        RowCount = Binary().GetRowCount() ?? -1;
        _features = Features().Fit(Binary());
    }

    public long RowCount { get; }

    string BinaryPath => $"{_path}.idv";

    /// <returns>CPU seconds of the process.</returns>
    public double Pass(string format)
    {
        var start = Environment.CpuUsage.TotalTime;
        Train(format switch
        {
            "csv" => Csv(),
            "idv" => Binary(),
            _ => throw new InvalidOperationException($"Unknown format '{format}'."),
        });
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>Learns from the rows before June as a pass does.</summary>
    /// <returns>The area under the ROC curve on June.</returns>
    public double Quality()
    {
        var model = Train(_context.Data.FilterRowsByColumn(Binary(), "month", upperBound: June));
        var june = _features.Transform(_context.Data.FilterRowsByColumn(Binary(), "month", June, June + 1));
        return _context.BinaryClassification.EvaluateNonCalibrated(model.Transform(june), "late").AreaUnderRocCurve;
    }

    // In the order of the file, as ours: a shuffle, which only the binary format lets the trainer make, costs it half its rate.
    ITransformer Train(IDataView rows) => _context.BinaryClassification.Trainers
        .AveragedPerceptron(new AveragedPerceptronTrainer.Options { LabelColumnName = "late", NumberOfIterations = 1, Shuffle = false })
        .Fit(_features.Transform(rows));

    IDataView Csv() => _context.Data.LoadFromTextFile(_path, new TextLoader.Options
    {
        HasHeader = true,
        Separators = [','],
        Columns =
        [
            new("late", DataKind.Boolean, 0),
            new("month", DataKind.Single, 1),
            new("hour", DataKind.String, 2),
            new("weekday", DataKind.String, 3),
            new("quarter", DataKind.String, 4),
            new("distance", DataKind.Single, 5),
            new("origin", DataKind.String, 6),
            new("destination", DataKind.String, 7),
        ],
    });

    IDataView Binary() => _context.Data.LoadFromBinary(BinaryPath);

    IEstimator<ITransformer> Features()
    {
        string[] categories = ["distance_bin", "hour", "weekday", "quarter", "origin", "destination"];
        (string Name, string Left, string Right, int Bits)[] crosses =
        [
            ("route", "origin", "destination", 16),
            ("origin_hour", "origin", "quarter", 16),
            ("destination_hour", "destination", "quarter", 16),
            ("weekday_hour", "weekday", "quarter", 10),
        ];
        var transforms = _context.Transforms;

        // With useCdf off, this normalizer takes the logarithm's moments but does not take the logarithm of the value.
        IEstimator<ITransformer> chain = new EstimatorChain<ITransformer>()
            .Append(transforms.NormalizeLogMeanVariance("distance_z", "distance"))
            .Append(transforms.NormalizeBinning("distance_bin", "distance", fixZero: false, maximumBinCount: 32))
            .Append(transforms.Categorical.OneHotEncoding(
                [.. categories.Select(name => new InputOutputColumnPair($"{name}_1", name))]));
        foreach (var (name, left, right, bits) in crosses)
        {
            chain = chain.Append(transforms.Concatenate($"{name}_texts", left, right))
                .Append(transforms.Conversion.Hash(
                    new HashingEstimator.ColumnOptions($"{name}_hash", $"{name}_texts", numberOfBits: bits, combine: true)))
                .Append(transforms.Conversion.MapKeyToVector($"{name}_1", $"{name}_hash"));
        }

        return chain.Append(transforms.Concatenate(
            "Features", ["distance_z", .. categories.Concat(crosses.Select(cross => cross.Name)).Select(name => $"{name}_1")]));
    }
}
