namespace Capstan.Conformance.Tests;

/// <summary>An estimator's family, small enough knobs, and what it promises beyond what all do.</summary>
/// <param name="Knobs">Without the kind.</param>
sealed record EstimatorPromises(EstimatorFamily Family, EstimatorDefinition Knobs)
{
    /// <summary>What tells it from others of its family; empty where it is the only one.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Whether a training that was stopped goes on where it was, learning no batch twice; otherwise checkpoints are refused.</summary>
    public bool Resumes { get; init; } = true;

    /// <summary>Whether a row of weight 0 leaves no trace in a single bit.</summary>
    public bool WeightZeroIsAbsence { get; init; }

    /// <summary>Whether a row of weight 2 is the same row twice, but for rounding.</summary>
    public bool WeightTwoIsTwice { get; init; }

    /// <summary>Whether it can tell rows apart at all.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>How far ONNX Runtime's scores may be off, relative to 1 + |score|; null where export is refused by name.</summary>
    public double? OnnxBound { get; init; }
}

/// <summary>Every family of estimators: a new one is one line here.</summary>
static class EstimatorTable
{
    static readonly EstimatorDefinition Network = new() { Epochs = 12, BatchSize = 16, LearningRate = 0.01, HiddenUnits = [16, 8] };

    public static readonly EstimatorPromises[] All =
    [
        new(EstimatorFamily.Baseline, new() { Epochs = 2, BatchSize = 64 })
        {
            Learns = false, WeightZeroIsAbsence = true, WeightTwoIsTwice = true, OnnxBound = 0,
        },
        new(EstimatorFamily.Linear, new() { Epochs = 4, BatchSize = 64 }) { WeightZeroIsAbsence = true, OnnxBound = 1e-6 },
        new(EstimatorFamily.Dnn, Network) { OnnxBound = 1e-5 },
        new(EstimatorFamily.Dnn, Network with { Normalization = "layer", Epochs = 6, HiddenUnits = [8] }) { Variant = "normalised", OnnxBound = 1e-5 },
        new(EstimatorFamily.DnnLinearCombined, Network) { OnnxBound = 1e-5 },
        new(EstimatorFamily.BoostedTrees, new() { Trees = 12 }) { OnnxBound = 1e-6 },
    ];
}

/// <summary>One family on one task.</summary>
sealed record EstimatorCase(EstimatorPromises Promises, string Label)
{
    static readonly string[] Labels = ["Fare", "Late", "Level"];

    public static IEnumerable<EstimatorCase> All => EstimatorTable.All.SelectMany(row => Labels.Select(label => new EstimatorCase(row, label)));

    public string Name => $"{Promises.Family}{(Promises.Variant.Length > 0 ? $" ({Promises.Variant})" : "")} of {(Label == "Fare" ? "a number" : Label == "Late" ? "two classes" : "three classes")}";

    /// <summary>The pipeline, with automatic features of all columns that are no labels.</summary>
    public Pipeline Pipeline => new()
    {
        Label = Label,
        Exclude = [.. Labels.Where(other => other != Label), "Weight"],
        Estimator = Promises.Knobs with { Kind = Promises.Family.For(Label != "Fare") },
    };

    public override string ToString() => Name;
}
