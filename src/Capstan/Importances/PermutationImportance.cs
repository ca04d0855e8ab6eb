using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Measures how much worse a model's primary metric gets when the values of one raw column are shuffled between rows that it was
/// not trained on: what the model would lose without knowing the column.
/// </summary>
/// <remarks>
/// Columns that say the same stand in for each other, so that neither seems important. Trees have the gains and numbers of their
/// splits besides, shared equally where a feature reads several columns; these are of the training rows. Sources: L. Breiman,
/// "Random forests", Machine Learning 45 (2001), §10; A. Fisher, C. Rudin, F. Dominici, "All models are wrong, but many are
/// useful", JMLR 20 (2019), eq. 3.1.
/// </remarks>
sealed class PermutationImportance(ModelArtifact artifact, HeldRows held, ImportanceOptions options)
{
    const int TileRows = 1024;

    readonly ModelScorer _scorer = new(artifact.Transform, artifact.Predictor);
    readonly BatchBuilder _tile = new(held.Rows.Schema);
    readonly float[] _scores = new float[TileRows * artifact.Predictor.Output.Width];

    /// <returns>Null where the metric is not defined on these rows.</returns>
    public ColumnImportances? Measure(CancellationToken cancellationToken)
    {
        var whole = MetricOf(held.Rows);
        if (whole.Value is not { } value)
        {
            return null;
        }

        var random = new SeededRandom(options.Seed, stream: 1);
        var columns = new List<ColumnImportance>();
        foreach (var column in held.Rows.Schema.Names)
        {
            var drops = new double[options.Repeats];
            foreach (ref var drop in drops.AsSpan())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var shuffled = MetricOf(Shuffled(column, random)).Value ?? value;
                drop = whole.HigherIsBetter ? value - shuffled : shuffled - value;
            }

            var mean = drops.Average();
            columns.Add(new ColumnImportance(column, mean, Math.Sqrt(drops.Average(drop => (drop - mean) * (drop - mean)))));
        }

        var splits = SplitsOf();
        return new ColumnImportances(
            whole.Name, value, held.Rows.RowCount, options.Repeats,
            [
                .. columns.Select(each => splits is null
                        ? each
                        : each with { GainShare = splits[each.Column].GainShare, Splits = splits[each.Column].Splits })
                    .OrderByDescending(each => each.Drop),
            ]);
    }

    ColumnBatch Shuffled(string column, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, held.Rows.RowCount)];
        random.Shuffle(order.AsSpan());
        var index = held.Rows.Schema.IndexOf(column);
        var values = new BatchBuilder(new Schema([held.Rows.Schema.Fields[index]]));
        values.AppendRows(held.Rows, order);
        return new ColumnBatch(held.Rows.Schema, held.Rows.Columns.SetItem(index, values.Batch.Columns[0]));
    }

    Metric MetricOf(ColumnBatch rows)
    {
        var output = _scorer.Output;
        var evaluator = Evaluators.For(output);
        for (var first = 0; first < rows.RowCount; first += TileRows)
        {
            var count = Math.Min(TileRows, rows.RowCount - first);
            _tile.Clear();
            _tile.AppendRange(rows, first, count);
            var scores = _scores.AsSpan(0, count * output.Width);
            _scorer.ScoreRaw(_tile.Batch, scores);
            Evaluators.Prepare(output, scores);
            evaluator.Add(scores, held.Labels.Slice(first, count), held.Weights.Slice(first, count));
        }

        return evaluator.Conclude().PrimaryMetric;
    }

    /// <summary>By column; null of a model that has no splits.</summary>
    Dictionary<string, (double GainShare, int Splits)>? SplitsOf()
    {
        var predictor = artifact.Predictor is CalibratedPredictor { Uncalibrated: var inner } ? inner : artifact.Predictor;
        if (predictor is not BoostedTreesPredictor { Trees: var trees })
        {
            return null;
        }

        var importances = trees.Importances();
        var total = Math.Max(importances.Sum(each => each.Gain), double.Epsilon);
        var found = artifact.Transform.Input.Names.ToDictionary(column => column, _ => (GainShare: 0.0, Splits: 0));
        for (var feature = 0; feature < importances.Length; feature++)
        {
            var columns = artifact.Transform.OutputColumns[feature];
            foreach (var column in columns)
            {
                var (gain, splits) = found[column];
                found[column] = (gain + importances[feature].Gain / total / columns.Length, splits + importances[feature].Splits);
            }
        }

        return found;
    }
}
