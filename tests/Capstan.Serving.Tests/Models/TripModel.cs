using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving.Tests.Models;

/// <summary>A small model whose predictions a test can work out: one column of every type.</summary>
sealed class TripModel : IServedModel
{
    public static readonly Schema TripInputs = new([
        new("distance", DataType.Float64), new("passengers", DataType.Int64), new("vendor", DataType.Text),
        new("night", DataType.Boolean), new("pickup", DataType.Timestamp)]);

    public string Name { get; init; } = "trips";

    public string Version => "5f2c9a";

    public ModelOutput Output { get; init; } = ModelOutput.Value;

    public Schema Inputs => TripInputs;

    public ImmutableArray<string> UnusedColumns => ["fare"];

    public ClassLabels? Labels { get; init; }

    public bool HasIntervals { get; init; }

    public ColumnBatch Examples { get; } = ExampleRows();

    /// <summary>What a scorer answers instead of the formula, for tests of what goes wrong inside a model.</summary>
    public Func<float, float> Bend { get; init; } = value => value;

    public bool Explains { get; init; } = true;

    public IExplainer? CreateExplainer() => Explains ? new Explainer(Bend) : null;

    public IScorer CreateScorer() => new Scorer(Bend);

    /// <summary>distance × 2 + passengers + length of the vendor's UTF-8 + 0.5 at night + the pickup's hour / 100; missing counts 0.</summary>
    public static float Formula(ColumnBatch rows, int row) => (float)(
        rows.Columns[0].Float64s[row] * 2 + rows.Columns[1].Int64s[row] + rows.Columns[2].TextAt(row).Length +
        (rows.Columns[3].BooleanAt(row) ? 0.5 : 0) + rows.Columns[4].Int64s[row] % Timestamps.MicrosecondsPerDay / 3_600_000_000 / 100.0);

    static ColumnBatch ExampleRows()
    {
        var builder = new BatchBuilder(TripInputs);
        builder.Columns[0].Append(2.5);
        builder.Columns[1].Append(1);
        builder.Columns[2].Append("Müller's");
        builder.Columns[3].Append(true);
        builder.Columns[4].Append(Timestamps.FromDateTime(new DateTime(2001, 3, 31, 23, 59, 0)));
        return builder.Batch;
    }

    /// <summary>The formula's terms, relative to a trip of 1 passenger with 1.5 km: bent, or not, as a whole.</summary>
    sealed class Explainer(Func<float, float> bend) : IExplainer
    {
        readonly double[] _baseScores = [4];

        public ImmutableArray<string> Columns { get; } = [.. TripInputs.Names];

        public ReadOnlySpan<double> BaseScores => _baseScores;

        public void Explain(ColumnBatch rows, Span<float> scores, Span<double> attributions)
        {
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] = bend(Formula(rows, row));
                var own = attributions.Slice(row * 5, 5);
                own[0] = (rows.Columns[0].Float64s[row] - 1.5) * 2;
                own[1] = rows.Columns[1].Int64s[row] - 1;
                own[2] = rows.Columns[2].TextAt(row).Length;
                own[3] = rows.Columns[3].BooleanAt(row) ? 0.5 : 0;
                own[4] = scores[row] - _baseScores[0] - own[0] - own[1] - own[2] - own[3];
            }
        }
    }

    sealed class Scorer(Func<float, float> bend) : IScorer
    {
        public void Score(ColumnBatch rows, Span<float> predictions)
        {
            for (var row = 0; row < predictions.Length; row++)
            {
                predictions[row] = bend(Formula(rows, row));
            }
        }
    }
}
