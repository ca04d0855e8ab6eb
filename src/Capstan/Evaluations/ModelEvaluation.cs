using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Evaluates a model from all sides in one pass over the rows: metrics of all of them, and what needs rows side by side (intervals,
/// curves, slices, comparisons) of at most four million, a uniform sample where there are more.
/// </summary>
sealed class ModelEvaluation
{
    const int MostRows = 1 << 22;

    readonly TrainedModel[] _models;
    readonly EvaluationOptions _options;
    readonly IBatchSource _source;
    readonly ModelScorer[] _scorers;
    readonly IEvaluator[] _evaluators;
    readonly SliceColumn[] _slices;
    readonly FrozenExpression _label;
    readonly FrozenExpression? _weight;
    readonly RowSample _sample;

    /// <param name="source">The rows that the first model's pipeline lets pass.</param>
    /// <exception cref="IncomparableModelsException">A model to compare with has another label.</exception>
    public ModelEvaluation(TrainedModel model, Expr? weight, IBatchSource source, EvaluationOptions options)
    {
        options.Validate();
        _models = [model, .. options.Against];
        (_options, _source) = (options, source);
        foreach (var other in options.Against)
        {
            CheckComparable(model.Artifact, other, source.Schema);
        }

        _scorers = [.. _models.Select(each => new ModelScorer(each.Artifact.Transform, each.Artifact.Predictor))];
        _evaluators = [.. _models.Select(_ => Evaluators.For(Task))];
        _slices = [.. options.Slices.Select(by => new SliceColumn(by, source.Schema))];
        _label = new FrozenExpression(source.Schema, model.Artifact.Label.Expression);
        _weight = weight is null ? null : new FrozenExpression(source.Schema, weight);
        _sample = new RowSample(_models.Length + 2 + _slices.Length, MostRows);
    }

    ModelTask Task => _models[0].Artifact.Predictor.Task;

    public async Task<EvaluationReport> RunAsync(string data, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        // Drawing rows again is arithmetic for seconds: not on a caller's thread.
        return await System.Threading.Tasks.Task.Run(() => Conclude(data, cancellationToken), cancellationToken);
    }

    async Task ReadAsync(CancellationToken cancellationToken)
    {
        string[] columns =
        [
            .. _models.SelectMany(model => model.Artifact.Transform.Input.Names).Concat(_label.Columns).Concat(_weight?.Columns ?? [])
                .Concat(_slices.SelectMany(slice => slice.Columns)).Distinct(StringComparer.Ordinal),
        ];
        var (labelWorkspace, weightWorkspace) = (_label.CreateWorkspace(), _weight?.CreateWorkspace());
        var (labels, weights) = (Array.Empty<double>(), Array.Empty<double>());
        var scores = _models.Select(_ => Array.Empty<float>()).ToArray();
        await foreach (var batch in _source.ReadAllAsync(columns, cancellationToken))
        {
            if (labels.Length < batch.RowCount)
            {
                (labels, weights) = (new double[batch.RowCount], new double[batch.RowCount]);
                Array.Fill(weights, 1);
                scores = [.. _models.Select(_ => new float[batch.RowCount])];
            }

            _label.Apply(batch, labels, labelWorkspace);
            _weight?.Apply(batch, weights, weightWorkspace!); // made together
            for (var model = 0; model < _models.Length; model++)
            {
                _scorers[model].ScoreRaw(batch, scores[model].AsSpan(0, batch.RowCount));
            }

            Take(batch, labels, weights, scores);
        }
    }

    void Take(ColumnBatch batch, double[] labels, double[] weights, float[][] scores)
    {
        var kept = Enumerable.Range(0, batch.RowCount).Where(row => float.IsFinite((float)labels[row])).ToArray();
        Array.ForEach(kept, row => FeatureRows.CheckWeight(weights[row]));
        float[] keptLabels = [.. kept.Select(row => (float)labels[row])], keptWeights = [.. kept.Select(row => (float)weights[row])];
        for (var model = 0; model < _models.Length; model++)
        {
            _evaluators[model].Add([.. kept.Select(row => scores[model][row])], keptLabels, keptWeights);
        }

        var values = new float[_models.Length + 2 + _slices.Length];
        var slices = _slices.Select(slice => slice.Read(batch).ToArray()).ToArray();
        foreach (var row in kept)
        {
            for (var model = 0; model < _models.Length; model++)
            {
                values[model] = scores[model][row];
            }

            (values[_models.Length], values[_models.Length + 1]) = ((float)labels[row], (float)weights[row]);
            for (var slice = 0; slice < slices.Length; slice++)
            {
                values[_models.Length + 2 + slice] = (float)slices[slice][row];
            }

            _sample.Add(values);
        }
    }

    EvaluationReport Conclude(string data, CancellationToken cancellationToken)
    {
        var (model, bootstrap) = (_models[0], _options.Bootstrap with { Threads = _options.Threads });
        var rows = new ScoredRows(
            [.. Enumerable.Range(0, _models.Length).Select(_sample.Column)], _sample.Column(_models.Length),
            _sample.Column(_models.Length + 1), _sample.Seen);
        var (evaluations, differences) = PoissonBootstrap.Compare(
            [.. _evaluators.Select(evaluator => evaluator.Conclude())], rows, bootstrap, cancellationToken);
        var curve = Task == ModelTask.BinaryClassification
            ? OperatingCurve.Of(rows.Scores(0).Span, rows.Labels.Span, rows.Weights.Span, _options.CurvePoints)
            : null;
        return new EvaluationReport
        {
            Model = model.Name, Hash = model.Hash, Data = data, Label = model.Artifact.Label.Expression.ToString(),
            Overall = evaluations[0], RowsKept = rows.Count, Replicates = bootstrap.Replicates, Curve = curve,
            Thresholds = curve is null ? [] : [.. _options.Thresholds.Select(curve.At).Append(curve.BestF1).OfType<OperatingPoint>()],
            Residuals = Task == ModelTask.Regression
                ? Residuals.Of(rows.Scores(0).Span, rows.Labels.Span, rows.Weights.Span)
                : null,
            Slicings = [.. _slices.Select((slice, index) => SlicingOf(slice, index, rows, bootstrap, cancellationToken))],
            Against =
            [
                .. _models.Skip(1).Select((other, index) =>
                    new ModelComparison(other.Name, other.Hash, evaluations[index + 1], differences[index])),
            ],
            Epochs = model.Artifact.Lineage.Epochs,
        };
    }

    Slicing SlicingOf(SliceColumn slice, int index, ScoredRows rows, BootstrapOptions bootstrap, CancellationToken cancellationToken)
    {
        var groups = slice.Group(_sample.Column(_models.Length + 2 + index), _options);
        return new Slicing(slice.By, [.. groups.Select(group =>
        {
            var some = rows.Pick(group.Rows);
            var evaluator = Evaluators.For(Task);
            evaluator.Add(some.Scores(0).Span, some.Labels.Span, some.Weights.Span);
            var alone = new ScoredRows([some.Scores(0).ToArray()], some.Labels.ToArray(), some.Weights.ToArray(), some.Count);
            var evaluation = PoissonBootstrap.WithIntervals([evaluator.Conclude()], alone, bootstrap, cancellationToken)[0];
            return new Slice(group.Name, evaluation, (double)some.Count / rows.Count, some.Count < _options.SmallSlice);
        })]);
    }

    static void CheckComparable(ModelArtifact model, TrainedModel other, Schema schema)
    {
        var (mine, theirs) = (model.Label.Expression.ToString(), other.Artifact.Label.Expression.ToString());
        if (mine != theirs || model.Predictor.Task != other.Artifact.Predictor.Task)
        {
            throw new IncomparableModelsException(
                $"'{other.Name}' predicts {theirs} ({other.Artifact.Predictor.Task}), expected {mine} ({model.Predictor.Task}): " +
                "only models of the same label can be compared on the same rows.");
        }

        if (other.Artifact.Transform.Input.Names.FirstOrDefault(column => schema.IndexOf(column) < 0) is { } missing)
        {
            throw new UnknownColumnException(missing, schema.Names);
        }
    }
}
