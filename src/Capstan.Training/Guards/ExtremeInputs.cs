using System.Globalization;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>The inputs of a batch that are furthest from what is usual: what most likely made its loss no number.</summary>
static class ExtremeInputs
{
    const int MostNamed = 3;

    // Nearer ones are nothing special.
    const double FewestDeviations = 6;

    /// <summary>A sentence; empty where nothing stands out.</summary>
    /// <param name="rows">The training rows, for means and deviations: read once; null takes the batch's own.</param>
    public static string Describe(TrainingBatch batch, FeatureStore? rows)
    {
        var numerics = batch.Features.Layout.Numerics;
        var own = Enumerable.Range(0, numerics.Length).Select(feature => batch.Features.Numeric(feature).ToArray()).ToArray();
        var usual = rows is null ? Array.ConvertAll(own, UsualOf) : UsualOf(rows);
        var extremes = own.Select((values, feature) =>
            {
                var (mean, deviation) = usual[feature];
                var value = values.MaxBy(each => float.IsFinite(each) ? Math.Abs(each - mean) : double.PositiveInfinity);
                return (numerics[feature].Name, Value: value, Deviations: deviation > 0 ? Math.Abs(value - mean) / deviation : 0);
            })
            .Where(each => !(each.Deviations < FewestDeviations))
            .OrderByDescending(each => each.Deviations).ThenBy(each => each.Name, StringComparer.Ordinal).Take(MostNamed)
            .Select(each => string.Create(
                CultureInfo.InvariantCulture, $"'{each.Name}' is {each.Value:G4}, {each.Deviations:G3} standard deviations from its mean"))
            .ToArray();
        return extremes.Length == 0 ? "" : $" The most extreme inputs of the batch: {string.Join("; ", extremes)}.";
    }

    static (double Mean, double Deviation)[] UsualOf(FeatureStore rows)
    {
        var moments = rows.Layout.Numerics.Select(_ => new Moments()).ToArray();
        var doubles = Array.Empty<double>();
        foreach (var batch in rows.Rows(8192))
        {
            Array.Resize(ref doubles, batch.RowCount);
            for (var feature = 0; feature < moments.Length; feature++)
            {
                var values = batch.Features.Numeric(feature);
                for (var row = 0; row < values.Length; row++)
                {
                    doubles[row] = values[row];
                }

                moments[feature].Observe(doubles);
            }
        }

        return Array.ConvertAll(moments, each => (each.Mean, each.StandardDeviation));
    }

    // Of few values a single one can't be far from their mean: the median and the middle half are not moved by it.
    static (double Mean, double Deviation) UsualOf(float[] values)
    {
        var sorted = values.Where(float.IsFinite).Order().ToArray();
        return sorted.Length == 0
            ? (0, 0)
            : (sorted[sorted.Length / 2], (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / 1.349);
    }
}
