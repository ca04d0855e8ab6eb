using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The features of some rows, feature by feature (column-major), ready for a predictor or a learner. Memory grows to the
/// largest batch seen and is then reused. Not thread-safe.
/// </summary>
public sealed class FeatureBuffer(FeatureLayout layout)
{
    float[] _numerics = [];
    int[] _categories = [];
    int _capacity;
    ColumnBatch? _passed;

    public FeatureLayout Layout { get; } = layout;

    public int RowCount { get; private set; }

    /// <summary>Sets the number of rows; what the features hold is undefined until they are written.</summary>
    public void Resize(int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        if (rowCount > _capacity)
        {
            _capacity = Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rowCount));
            _numerics = new float[(long)_capacity * Layout.Numerics.Length];
            _categories = new int[(long)_capacity * Layout.Categories.Length];
        }

        RowCount = rowCount;
    }

    /// <summary>
    /// [RowCount] values of the numeric feature at a 0-based position in <see cref="FeatureLayout.Numerics"/>; all finite.
    /// </summary>
    public Span<float> Numeric(int index) => _numerics.AsSpan(index * _capacity, RowCount);

    /// <summary>
    /// [RowCount] categories of the feature at a 0-based position in <see cref="FeatureLayout.Categories"/>, each from 0 to its
    /// cardinality − 1.
    /// </summary>
    public Span<int> Category(int index) => _categories.AsSpan(index * _capacity, RowCount);

    /// <summary>The rows' raw columns of <see cref="FeatureLayout.Passed"/>, at least; not copied, so valid while those rows are.</summary>
    /// <exception cref="InvalidOperationException">The layout has such columns, and nobody has passed them on.</exception>
    public ColumnBatch Passed
    {
        get => _passed is not null && _passed.RowCount == RowCount ? _passed : throw new InvalidOperationException(
            $"The columns {Layout.Passed} of {RowCount} rows were not passed on with the features.");
        set => _passed = value;
    }
}
