using System.Collections.Immutable;

namespace Capstan.Training;

/// <summary>
/// How much the rows of each class count: a factor on their example weights, in learning and in the validation loss that early
/// stopping goes by.
/// </summary>
public sealed class ClassFactors
{
    readonly ImmutableArray<float> _factors;

    /// <param name="factors">[classes] above 0 and finite; of two classes, the second is the positive one.</param>
    /// <exception cref="ArgumentException">A factor is out of range.</exception>
    public ClassFactors(ImmutableArray<float> factors)
    {
        if (factors.FirstOrDefault(factor => !(factor > 0 && float.IsFinite(factor)), 1f) is var wrong and not 1f)
        {
            throw new ArgumentException($"A class has the weight {wrong}; weights of classes are above 0 and finite.", nameof(factors));
        }

        _factors = factors;
    }

    /// <summary>
    /// Factors under which all classes have the same weight in all, and all rows together the weight that they have:
    /// Σ weights / (classes × weights of the class). A class without rows has 1.
    /// </summary>
    /// <remarks>Source: G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001), section 4.1,
    /// with shares of 1 / classes.</remarks>
    public static ClassFactors Balanced(IEnumerable<TrainingBatch> batches, int classCount)
    {
        var sums = new double[classCount];
        foreach (var batch in batches)
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                sums[(int)batch.Labels[row]] += batch.Weights[row];
            }
        }

        var total = sums.Sum();
        return new ClassFactors([.. sums.Select(sum => sum > 0 ? (float)(total / (classCount * sum)) : 1f)]);
    }

    /// <summary>[classes]</summary>
    public ImmutableArray<float> Values => _factors;

    /// <summary>Multiplies the weights of a batch.</summary>
    public void Apply(TrainingBatch batch) => Apply(batch, 0, batch.RowCount);

    internal void Apply(TrainingBatch batch, int firstRow, int rowCount)
    {
        var labels = batch.Labels.Slice(firstRow, rowCount);
        var weights = batch.Weights.Slice(firstRow, rowCount);
        for (var row = 0; row < labels.Length; row++)
        {
            weights[row] *= _factors[(int)labels[row]];
        }
    }

    /// <summary>The same batches, weighed.</summary>
    public async IAsyncEnumerable<TrainingBatch> Apply(IAsyncEnumerable<TrainingBatch> batches)
    {
        await foreach (var batch in batches)
        {
            Apply(batch);
            yield return batch;
        }
    }
}
