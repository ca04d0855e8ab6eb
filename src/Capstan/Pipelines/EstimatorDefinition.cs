using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>An estimator with its knobs; those left null take the family's default.</summary>
public sealed partial record EstimatorDefinition
{
    public EstimatorKind Kind { get; init; } = EstimatorKind.LinearClassifier;

    /// <summary>
    /// Regressors: what is made small, <c>squared</c> (the default), <c>absolute</c>, <c>huber(2.5)</c> with its delta in label
    /// units, <c>quantile(0.9)</c>, <c>poisson</c> for counts or <c>gamma</c> for amounts.
    /// </summary>
    public string? Loss { get; init; }

    /// <summary>
    /// Classifiers: how much the rows of a class count, by its name (<c>{"yes": 3}</c>, 1 for all others), or <c>balanced</c>.
    /// </summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>Passes over the training rows, at most.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows per batch.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Stop after so many epochs without a better validation loss.</summary>
    public int? Patience { get; init; }

    public double? LearningRate { get; init; }

    /// <summary>Linear weights: pulls them to exactly 0.</summary>
    public double? L1 { get; init; }

    /// <summary>Pulls weights towards 0; wide and deep: the linear ones.</summary>
    public double? L2 { get; init; }

    /// <summary>
    /// Learn in one pass, in the order of the data, and store nothing: for data too large to keep its features on disk.
    /// </summary>
    public bool Stream { get; init; }

    /// <summary>What is made small for a label of these classes, or of none.</summary>
    internal Loss LossFor(ClassNames? classes) => classes switch
    {
        null => Loss is null ? new Loss.Squared() : LossText.Parse(Loss),
        { Count: 2 } => new Loss.Logistic(),
        _ => new Loss.Softmax(classes.Count),
    };

    internal TrainingOptions TrainingOptions(ulong seed, long rows) => new()
    {
        Epochs = Epochs ?? (IsDnn ? DnnEpochs(rows) : 10),
        BatchSize = BatchSize ?? (IsDnn ? DnnBatchSize(rows) : 1024),
        Patience = Patience ?? 3,
        Seed = seed,
        ProgressEvery = 20,
    };

    /// <param name="offset">The name of the feature that is an offset; null for none.</param>
    internal LinearOptions LinearOptions(string? offset) => new()
    {
        Offset = offset,
        LearningRate = (float)(LearningRate ?? Training.LinearOptions.Default.LearningRate),
        L1 = (float)(L1 ?? 0),
        L2 = (float)(L2 ?? 0),
    };

    internal void Check(List<string> problems)
    {
        (string Name, int? Value)[] counts =
        [
            ("epochs", Epochs), ("batchSize", BatchSize), ("patience", Patience), ("embeddingDimension", EmbeddingDimension),
        ];
        foreach (var (name, value) in counts)
        {
            if (value < 1)
            {
                problems.Add($"estimator.{name}: found {value}, expected at least 1");
            }
        }

        if (LearningRate is not (null or (> 0 and < double.PositiveInfinity)))
        {
            problems.Add($"estimator.learningRate: found {LearningRate}, expected a number above 0");
        }

        CheckLoss(problems);
        if (L1 is not (null or (>= 0 and < double.PositiveInfinity)) || L2 is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            problems.Add("estimator.l1 and l2: expected 0 or more");
        }

        if (L1 is not null && Kind.Family() == EstimatorFamily.Baseline)
        {
            problems.Add($"estimator.l1: {Kind} has no weights to pull to 0");
        }

        if (ClassWeights is not null && !Kind.IsClassifier())
        {
            problems.Add($"estimator.classWeights: {Kind} predicts numbers and has no classes; use the pipeline's weight");
        }

        ClassWeights?.Check(problems);
        CheckNetwork(problems);
        CheckTrees(problems);
        if (Stream && Epochs is > 1)
        {
            problems.Add($"estimator.epochs: found {Epochs} with stream; a stream is read once");
        }
    }

    void CheckLoss(List<string> problems)
    {
        if (Loss is null)
        {
            return;
        }

        if (Kind.IsClassifier())
        {
            problems.Add($"estimator.loss: found '{Loss}'; {Kind} always learns by log loss");
            return;
        }

        try
        {
            LossText.Parse(Loss);
        }
        catch (FormatException problem)
        {
            problems.Add($"estimator.loss: {problem.Message.TrimEnd('.')}");
        }
    }
}
