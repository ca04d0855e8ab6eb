using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Draws the rows that explanations are relative to from those that are read, each equally likely whatever their number; rows of
/// weight 0 are none. The same rows in the same order and the same seed give the same sample.
/// </summary>
/// <remarks>Source: J. S. Vitter, "Random sampling with a reservoir", ACM TOMS 11 (1985), algorithm R.</remarks>
sealed class ReferenceSample
{
    const int MostRows = 128;
    const int FewestRows = 8;

    // A model of very many features keeps fewer rows, so that the sample does not outgrow the model: some 2 MB.
    const int MostValues = 1 << 19;

    readonly int _capacity;
    readonly FeatureBuffer _rows;
    readonly SeededRandom _random;
    long _seen;

    public ReferenceSample(FeatureLayout layout, ulong seed)
    {
        var featureCount = Math.Max(1, layout.Numerics.Length + layout.Categories.Length);
        _capacity = Math.Clamp(MostValues / featureCount, FewestRows, MostRows);
        _rows = new FeatureBuffer(layout);
        _rows.Resize(_capacity);
        _random = new SeededRandom(seed, stream: ulong.MaxValue);
    }

    /// <summary>The sample of what has been read so far; null of nothing. Nothing can be observed after.</summary>
    public ReferenceRows? Rows
    {
        get
        {
            _rows.Resize((int)Math.Min(_seen, _capacity));
            return _seen == 0 ? null : ReferenceRows.Of(_rows);
        }
    }

    public void Observe(TrainingBatch batch)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (batch.Weights[row] == 0)
            {
                continue;
            }

            var place = _seen < _capacity ? _seen : (long)(_random.NextDouble() * (_seen + 1));
            _seen++;
            if (place < _capacity)
            {
                Keep(batch.Features, row, (int)place);
            }
        }
    }

    void Keep(FeatureBuffer features, int row, int place)
    {
        for (var index = 0; index < features.Layout.Numerics.Length; index++)
        {
            _rows.Numeric(index)[place] = features.Numeric(index)[row];
        }

        for (var index = 0; index < features.Layout.Categories.Length; index++)
        {
            _rows.Category(index)[place] = features.Category(index)[row];
        }
    }
}
