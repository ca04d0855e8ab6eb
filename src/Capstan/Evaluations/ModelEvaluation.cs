using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Evaluates a model from all sides in one pass over the rows: metrics of all of them, and what needs rows side by side
/// (intervals, curves, slices, comparisons) of at most four million, a uniform sample where there are more.
/// </summary>
sealed class ModelEvaluation
{
    const int MostRows = 1 << 22;

    readonly TrainedModel[] _models;
    readonly EvaluationOptions _options;
    readonly IntervalEvaluator? _intervalEvaluator;
    readonly IEvaluator[] _evaluators;
    readonly SliceColumn[] _slices;
    readonly Loss _labels;
    readonly RowSample _sample;

    /// <param name="labels">Says what labels can be.</param>
    /// <param name="source">The rows that the first model's pipeline lets pass.</param>
    /// <exception cref="IncomparableModelsException">A model to compare with has another label.</exception>
    public ModelEvaluation(TrainedModel model, Expr? weight, Loss labels, IBatchSource source, EvaluationOptions options)
    {
        options.Validate();
        _models = [model, .. options.Against];
        (_options, _labels) = (options, labels);
        foreach (var other in options.Against)
        {
            CheckComparable(model.Artifact, other, source.Schema);
        }

        _intervalEvaluator = model.Artifact.Intervals is { } intervals ? new IntervalEvaluator(intervals.Coverage) : null;

        _evaluators = [.. _models.Select(_ => Evaluators.For(Output))];
        _slices = [.. options.Slices.Select(by => new SliceColumn(by, source.Schema))];
        Scored = new ScoredSource(source, [.. _models.Select(each => each.Artifact)], weight, [.. _slices.SelectMany(slice => slice.Columns)]);
        _sample = new RowSample(ScoreColumns + 2 + _slices.Length, MostRows);
    }

    ModelOutput Output => _models[0].Artifact.Predictor.Output;

    int ScoreColumns => _models.Length * Output.Width;

    public async Task<EvaluationReport> RunAsync(string data, ISplitPool? pool, CancellationToken cancellationToken)
    {
        await ReadAsync(pool, cancellationToken);
        // Drawing rows again is arithmetic for seconds: not on a caller's thread.
        return await Task.Run(() => Conclude(data, cancellationToken), cancellationToken);
    }

    /// <summary>The rows as an evaluation takes them in; computing these is what takes time.</summary>
    public ScoredSource Scored { get; }

    /// <param name="pool">Who reads and scores the rows; null for this process.</param>
    async Task ReadAsync(ISplitPool? pool, CancellationToken cancellationToken)
    {
        string[] columns = [.. Scored.Schema.Names];
        var batches = pool is null
            ? Scored.ReadAllAsync(columns, _options.Threads, cancellationToken)
            : RowsTask.ReadAllAsync(Scored, columns, pool, null, cancellationToken);
        await foreach (var batch in batches)
        {
            var rows = Scored.RowsOf(batch);
            Take(batch, rows.Labels, rows.Weights, rows.Scores, rows.Bounds);
        }
    }

    void Take(ColumnBatch batch, double[] labels, double[] weights, float[][] scores, float[] bounds)
    {
        var (width, first) = (Output.Width, ScoreColumns);
        var kept = Enumerable.Range(0, batch.RowCount)
            .Where(row => float.IsFinite((float)labels[row]) && _labels.Accepts((float)labels[row])).ToArray();
        Array.ForEach(kept, row => FeatureRows.CheckWeight(weights[row]));
        float[] keptLabels = [.. kept.Select(row => (float)labels[row])],
        keptWeights = [.. kept.Select(row => (float)weights[row])];
        for (var model = 0; model < _models.Length; model++)
        {
            var own = scores[model];
            _evaluators[model].Add(
                [.. kept.SelectMany(row => new ArraySegment<float>(own, row * width, width))], keptLabels, keptWeights);
        }

        _intervalEvaluator?.Add(
            [.. kept.SelectMany(row => new ArraySegment<float>(bounds, 2 * row, 2))], keptLabels, keptWeights);
        var values = new float[first + 2 + _slices.Length];
        var slices = _slices.Select(slice => slice.Read(batch).ToArray()).ToArray();
        foreach (var row in kept)
        {
            for (var model = 0; model < _models.Length; model++)
            {
                scores[model].AsSpan(row * width, width).CopyTo(values.AsSpan(model * width));
            }

            (values[first], values[first + 1]) = ((float)labels[row], (float)weights[row]);
            for (var slice = 0; slice < slices.Length; slice++)
            {
                values[first + 2 + slice] = (float)slices[slice][row];
            }

            _sample.Add(values);
        }
    }

    EvaluationReport Conclude(string data, CancellationToken cancellationToken)
    {
        var (model, bootstrap) = (_models[0], _options.Bootstrap with { Threads = _options.Threads });
        var rows = new ScoredRows(
            Output, [.. Enumerable.Range(0, _models.Length).Select(ScoresOf)], _sample.Column(ScoreColumns),
            _sample.Column(ScoreColumns + 1),
            _sample.Seen);
        var (evaluations, differences) = PoissonBootstrap.Compare(
            [.. _evaluators.Select(evaluator => evaluator.Conclude())], rows, bootstrap, cancellationToken);
        var curve = Output.Task == ModelTask.BinaryClassification
            ? OperatingCurve.Of(rows.Scores(0).Span, rows.Labels.Span, rows.Weights.Span, _options.CurvePoints)
            : null;
        return new EvaluationReport
        {
            Model = model.Name, Hash = model.Hash, Data = data, Label = LabelText.Of(model.Artifact),
            Overall = evaluations[0], RowsKept = rows.Count, Replicates = bootstrap.Replicates, Curve = curve,
            Thresholds = curve is null ? []
                : [.. _options.Thresholds.Select(curve.At).Append(curve.BestF1).OfType<OperatingPoint>()],
            Classes = Output.Task == ModelTask.MulticlassClassification ? [.. ClassesOf(model.Artifact, rows)] : [],
            Residuals = Output.Task == ModelTask.Regression
                ? Residuals.Of(rows.Scores(0).Span, rows.Labels.Span, rows.Weights.Span)
                : null,
            Intervals = _intervalEvaluator?.Conclude(),
            Slicings = [.. _slices.Select((slice, index) => SlicingOf(slice, index, rows, bootstrap, cancellationToken))],
            Against =
            [
                .. _models.Skip(1).Select((other, index) =>
                    new ModelComparison(other.Name, other.Hash, evaluations[index + 1], differences[index])),
            ],
            Epochs = model.Artifact.Lineage.Epochs,
        };
    }

    /// <summary>The classes of most rows, each against all others.</summary>
    IEnumerable<ClassCurve> ClassesOf(ModelArtifact artifact, ScoredRows rows)
    {
        var names = artifact.Label.Classes!.Names; // of a classifier
        var counts = new int[Output.Width];
        foreach (var label in rows.Labels.Span)
        {
            counts[(int)label]++;
        }

        var wanted = Enumerable.Range(0, Output.Width).Where(index => counts[index] > 0)
            .OrderByDescending(index => counts[index]).Take(_options.MostClasses);
        foreach (var index in wanted.Order())
        {
            var scores = OneAgainstRest.LogOdds(rows.Scores(0).Span, Output.Width, index);
            var labels = OneAgainstRest.Labels(rows.Labels.Span, index);
            var evaluator = Evaluators.For(ModelOutput.LogOdds);
            evaluator.Add(scores, labels, rows.Weights.Span);
            yield return new ClassCurve(
                names[index], evaluator.Conclude(), OperatingCurve.Of(scores, labels, rows.Weights.Span, _options.CurvePoints));
        }
    }

    /// <summary>[rows × width], row after row.</summary>
    float[] ScoresOf(int model)
    {
        var width = Output.Width;
        var scores = new float[_sample.Count * width];
        for (var index = 0; index < width; index++)
        {
            var column = _sample.Column(model * width + index);
            for (var row = 0; row < column.Length; row++)
            {
                scores[row * width + index] = column[row];
            }
        }

        return scores;
    }

    Slicing SlicingOf(
        SliceColumn slice, int index, ScoredRows rows, BootstrapOptions bootstrap, CancellationToken cancellationToken)
    {
        var groups = slice.Group(_sample.Column(ScoreColumns + 2 + index), _options);
        return new Slicing(slice.By, [.. groups.Select(group =>
        {
            var some = rows.Pick(group.Rows, models: 1);
            var evaluator = Evaluators.For(Output);
            evaluator.Add(some.Scores(0).Span, some.Labels.Span, some.Weights.Span);
            var evaluation = PoissonBootstrap.WithIntervals([evaluator.Conclude()], some, bootstrap, cancellationToken)[0];
            return new Slice(group.Name, evaluation, (double)some.Count / rows.Count, some.Count < _options.SmallSlice);
        })]);
    }

    static void CheckComparable(ModelArtifact model, TrainedModel other, Schema schema)
    {
        var (mine, theirs) = (model.Label.Expression.ToString(), other.Artifact.Label.Expression.ToString());
        var (output, theirOutput) = (model.Predictor.Output, other.Artifact.Predictor.Output);
        if (mine != theirs || output.Task != theirOutput.Task || output.Width != theirOutput.Width)
        {
            throw new IncomparableModelsException(
                $"'{other.Name}' predicts {theirs} ({theirOutput.Task}), expected {mine} ({output.Task}): " +
                "only models of the same label can be compared on the same rows.");
        }

        if (other.Artifact.Transform.Input.Names.FirstOrDefault(column => schema.IndexOf(column) < 0) is { } missing)
        {
            throw new UnknownColumnException(missing, schema.Names);
        }
    }
}
