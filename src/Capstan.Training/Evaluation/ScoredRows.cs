using Capstan.Models;

namespace Capstan.Training;

/// <summary>Some rows with what one or more models scored them: what everything but the plain metrics is computed from.</summary>
/// <param name="output">What every model's scores are.</param>
/// <param name="scores">For each model its [rows × output.Width] scores, as <see cref="IEvaluator.Add"/> takes them.</param>
/// <param name="labels">[rows].</param>
/// <param name="weights">[rows], finite and ≥ 0.</param>
/// <param name="population">How many rows these stand for: as many, or more where they are a uniform sample.</param>
public sealed class ScoredRows(ModelOutput output, IReadOnlyList<float[]> scores, float[] labels, float[] weights, long population)
{
    public ModelOutput Output => output;

    public int Count => labels.Length;

    public int Models => scores.Count;

    public long Population => population;

    public ReadOnlyMemory<float> Labels => labels;

    public ReadOnlyMemory<float> Weights => weights;

    public ReadOnlyMemory<float> Scores(int model) => scores[model];

    /// <summary>Some of the rows, in the order named, as rows that stand for themselves alone.</summary>
    /// <param name="rows">Row numbers from 0.</param>
    /// <param name="models">Only the scores of so many models, from the first on.</param>
    public ScoredRows Pick(ReadOnlySpan<int> rows, int models)
    {
        var picked = new float[models][];
        for (var model = 0; model < models; model++)
        {
            picked[model] = Pick(scores[model], rows, output.Width);
        }

        return new ScoredRows(output, picked, Pick(labels, rows, 1), Pick(weights, rows, 1), rows.Length);
    }

    /// <summary>About so many of the rows or half of that, drawn uniformly, standing for as many as before; all where they are fewer.</summary>
    internal ScoredRows Thin(int most)
    {
        if (Count <= most)
        {
            return this;
        }

        var bits = 1;
        while (Count >> bits > most)
        {
            bits++;
        }

        int[] rows = [.. Enumerable.Range(0, Count).Where(row => RowHash.Of(0, row) >> (64 - bits) == 0)];
        return new ScoredRows(
            output, [.. scores.Select(each => Pick(each, rows, output.Width))], Pick(labels, rows, 1), Pick(weights, rows, 1), population);
    }

    static float[] Pick(float[] column, ReadOnlySpan<int> rows, int width)
    {
        var values = new float[rows.Length * width];
        for (var index = 0; index < rows.Length; index++)
        {
            column.AsSpan(rows[index] * width, width).CopyTo(values.AsSpan(index * width));
        }

        return values;
    }
}
