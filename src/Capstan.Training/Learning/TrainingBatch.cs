using Capstan.Features;

namespace Capstan.Training;

/// <summary>Features with labels and example weights. Memory is reused from batch to batch.</summary>
public sealed class TrainingBatch(FeatureLayout layout)
{
    float[] _labels = [];
    float[] _weights = [];

    public FeatureBuffer Features { get; } = new(layout);

    public int RowCount => Features.RowCount;

    /// <summary>
    /// [RowCount] targets: the value (regression), 1 for the positive class and 0 otherwise, or the number of the class from 0 on.
    /// </summary>
    public Span<float> Labels => _labels.AsSpan(0, RowCount);

    /// <summary>[RowCount] example weights, ≥ 0; 1 where the pipeline names none.</summary>
    public Span<float> Weights => _weights.AsSpan(0, RowCount);

    /// <summary>Sets the number of rows; contents are undefined until written.</summary>
    public void Resize(int rowCount)
    {
        Features.Resize(rowCount);
        if (rowCount > _labels.Length)
        {
            _labels = new float[Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rowCount))];
            _weights = new float[_labels.Length];
        }
    }

    /// <summary>Keeps only the first rows.</summary>
    public void Truncate(int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowCount, RowCount);
        Features.Resize(rowCount);
    }
}
