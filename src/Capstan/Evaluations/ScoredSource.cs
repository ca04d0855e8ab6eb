using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Rows as an evaluation takes them in: label, weight, each model's scores and the first one's intervals, and the raw columns that
/// slices are made from. Numbers are columns of their bits, because a score need not be finite, and every bit counts.
/// </summary>
sealed class ScoredSource : IBatchSource
{
    // No column that people name begins with this.
    const string Mark = "\0";
    const int LabelColumn = 0;
    const int WeightColumn = 1;
    const int FirstScore = 2;

    readonly IBatchSource _source;
    readonly ImmutableArray<ModelArtifact> _models;
    readonly FrozenExpression _label;
    readonly FrozenExpression? _weight;
    readonly ImmutableArray<string> _raw;
    readonly int _numbers;

    /// <param name="models">Of one label; at least one.</param>
    /// <param name="weight">How much each row counts; null: 1.</param>
    /// <param name="raw">Columns of the source that come along.</param>
    public ScoredSource(IBatchSource source, ImmutableArray<ModelArtifact> models, Expr? weight, IEnumerable<string> raw)
    {
        (_source, _models, _raw) = (source, models, [.. raw.Distinct(StringComparer.Ordinal)]);
        _label = new FrozenExpression(source.Schema, models[0].Label.Expression);
        _weight = weight is null ? null : new FrozenExpression(source.Schema, weight);
        _numbers = FirstScore + models.Length * Width + (models[0].Intervals is null ? 0 : 2);
        Schema = new Schema(
        [
            .. Enumerable.Range(0, _numbers).Select(index => new Field($"{Mark}{index}", DataType.Int64)),
            .. _raw.Select(name => source.Schema[name]),
        ]);
        Fingerprint = $"{source.Fingerprint} scored by {string.Join(", ", models.Select(model => model.Hash))} for {_label.Expr}, {weight}";
        Splits = [.. source.Splits.Select(split => split with { Span = null })];
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    int Width => _models[0].Predictor.Output.Width;

    /// <summary>A batch's numbers.</summary>
    /// <param name="Labels">[rows]</param>
    /// <param name="Weights">[rows]</param>
    /// <param name="Scores">[models] of [rows × width], as evaluators take them.</param>
    /// <param name="Bounds">[rows × 2]; empty without intervals.</param>
    public readonly record struct Rows(double[] Labels, double[] Weights, float[][] Scores, float[] Bounds);

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        string[] read =
        [
            .. _models.SelectMany(model => model.Transform.Input.Names).Concat(_label.Columns).Concat(_weight?.Columns ?? []).Concat(_raw)
                .Distinct(StringComparer.Ordinal),
        ];
        var numbers = new BatchBuilder(new Schema(Schema.Fields.Take(_numbers)));
        var scoring = new Scoring(this);
        await foreach (var batch in _source.ReadAsync(_source.Splits[split.Index], read, cancellationToken))
        {
            Fill(numbers, scoring.Of(batch), batch.RowCount);
            yield return new ColumnBatch(wanted, [.. columns.Select(name => _raw.Contains(name) ? batch[name] : numbers.Batch[name])]);
        }
    }

    /// <summary>The numbers of a batch with all columns.</summary>
    public Rows RowsOf(ColumnBatch batch)
    {
        var count = batch.RowCount;
        var rows = new Rows(
            new double[count], new double[count], [.. _models.Select(_ => new float[count * Width])],
            _models[0].Intervals is null ? [] : new float[2 * count]);
        for (var row = 0; row < count; row++)
        {
            rows.Labels[row] = BitConverter.Int64BitsToDouble(batch.Columns[LabelColumn].Int64s[row]);
            rows.Weights[row] = BitConverter.Int64BitsToDouble(batch.Columns[WeightColumn].Int64s[row]);
        }

        var column = FirstScore;
        foreach (var (values, width) in FloatsOf(rows))
        {
            for (var place = 0; place < width; place++, column++)
            {
                var bits = batch.Columns[column].Int64s;
                for (var row = 0; row < count; row++)
                {
                    values[row * width + place] = BitConverter.Int32BitsToSingle((int)bits[row]);
                }
            }
        }

        return rows;
    }

    void Fill(BatchBuilder numbers, in Rows rows, int count)
    {
        numbers.Clear();
        for (var row = 0; row < count; row++)
        {
            numbers.Columns[LabelColumn].Append(BitConverter.DoubleToInt64Bits(rows.Labels[row]));
            numbers.Columns[WeightColumn].Append(BitConverter.DoubleToInt64Bits(rows.Weights[row]));
        }

        var column = FirstScore;
        foreach (var (values, width) in FloatsOf(rows))
        {
            for (var place = 0; place < width; place++, column++)
            {
                for (var row = 0; row < count; row++)
                {
                    numbers.Columns[column].Append((long)BitConverter.SingleToInt32Bits(values[row * width + place]));
                }
            }
        }
    }

    IEnumerable<(float[] Values, int Width)> FloatsOf(Rows rows) => rows.Scores.Select(scores => (scores, Width))
        .Concat(_models[0].Intervals is null ? [] : [(rows.Bounds, 2)]);

    /// <summary>Scores the batches of one thread.</summary>
    sealed class Scoring(ScoredSource of)
    {
        readonly ModelScorer[] _scorers = [.. of._models.Select(model => new ModelScorer(model.Transform, model.Predictor))];
        readonly IntervalScorer? _intervals = of._models[0].Intervals is null ? null : new IntervalScorer(of._models[0]);
        readonly TransformWorkspace _labelWorkspace = of._label.CreateWorkspace();
        readonly TransformWorkspace? _weightWorkspace = of._weight?.CreateWorkspace();
        Rows _rows = new([], [], [], []);

        /// <summary>Valid until the next call, up to the batch's rows.</summary>
        public Rows Of(ColumnBatch batch)
        {
            if (_rows.Labels.Length < batch.RowCount)
            {
                _rows = new Rows(
                    new double[batch.RowCount], new double[batch.RowCount],
                    [.. _scorers.Select(_ => new float[batch.RowCount * of.Width])], _intervals is null ? [] : new float[batch.RowCount * 2]);
                Array.Fill(_rows.Weights, 1);
            }

            of._label.Apply(batch, _rows.Labels, _labelWorkspace);
            of._weight?.Apply(batch, _rows.Weights, _weightWorkspace!); // made together
            for (var model = 0; model < _scorers.Length; model++)
            {
                Score(model, batch, _rows.Scores[model].AsSpan(0, batch.RowCount * of.Width));
            }

            return _rows;
        }

        /// <summary>As evaluators take them: predicted values, or a classifier's scores.</summary>
        void Score(int model, ColumnBatch batch, Span<float> scores)
        {
            if (model == 0 && _intervals is not null)
            {
                _intervals.Score(batch, scores, _rows.Bounds.AsSpan(0, batch.RowCount * 2));
                return;
            }

            _scorers[model].ScoreRaw(batch, scores);
            Evaluators.Prepare(_scorers[model].Output, scores);
        }
    }
}
