namespace Capstan.Training;

/// <summary>Some rows with what one or more models scored them: what everything but the plain metrics is computed from.</summary>
/// <param name="scores">For each model its [rows] scores, as <see cref="IEvaluator.Add"/> takes them.</param>
/// <param name="labels">[rows].</param>
/// <param name="weights">[rows], finite and ≥ 0.</param>
/// <param name="population">How many rows these stand for: as many, or more where they are a uniform sample.</param>
public sealed class ScoredRows(IReadOnlyList<float[]> scores, float[] labels, float[] weights, long population)
{
    public int Count => labels.Length;

    public int Models => scores.Count;

    public long Population => population;

    public ReadOnlyMemory<float> Labels => labels;

    public ReadOnlyMemory<float> Weights => weights;

    public ReadOnlyMemory<float> Scores(int model) => scores[model];

    /// <summary>Some of the rows, in the order named, as rows that stand for themselves alone.</summary>
    /// <param name="rows">Row numbers from 0.</param>
    public ScoredRows Pick(ReadOnlySpan<int> rows)
    {
        var picked = new float[scores.Count][];
        for (var model = 0; model < picked.Length; model++)
        {
            picked[model] = Pick(scores[model], rows);
        }

        return new ScoredRows(picked, Pick(labels, rows), Pick(weights, rows), rows.Length);
    }

    /// <summary>At most so many of the rows, drawn uniformly, standing for as many as before.</summary>
    internal ScoredRows Thin(int most)
    {
        if (Count <= most)
        {
            return this;
        }

        var sample = new RowSample(scores.Count + 2, most);
        var row = new float[scores.Count + 2];
        for (var index = 0; index < Count; index++)
        {
            (row[^2], row[^1]) = (labels[index], weights[index]);
            for (var model = 0; model < scores.Count; model++)
            {
                row[model] = scores[model][index];
            }

            sample.Add(row);
        }

        return new ScoredRows(
            [.. Enumerable.Range(0, scores.Count).Select(sample.Column)], sample.Column(scores.Count), sample.Column(scores.Count + 1),
            population);
    }

    static float[] Pick(float[] column, ReadOnlySpan<int> rows)
    {
        var values = new float[rows.Length];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = column[rows[index]];
        }

        return values;
    }
}
