using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary>
/// Explanations as columns of a file, after those of the predictions: <c>score</c>, <c>base_score</c>, and
/// <c>attribution_COLUMN</c> for each raw column; or of the columns that matter most for a row <c>reason_1</c>,
/// <c>attribution_1</c> and so on. Of more than two classes it is the predicted one's score.
/// </summary>
sealed class ExplanationColumns
{
    readonly PredictionColumns _predictions;
    readonly ImmutableArray<string> _columns;
    readonly int? _top;
    readonly BatchBuilder _builder;

    /// <param name="top">How many reasons; null for an attribution for each column.</param>
    /// <exception cref="UsageException">A column would be written twice.</exception>
    public ExplanationColumns(ModelArtifact artifact, string[] keep, int? top)
    {
        _columns = [.. artifact.Transform.Input.Names];
        _top = top is { } wanted ? Math.Min(wanted, _columns.Length) : null;
        Field[] fields =
        [
            new("score", DataType.Float64), new("base_score", DataType.Float64),
            .. _top is { } count
                ? Enumerable.Range(1, count).SelectMany(number =>
                    (Field[])[new($"reason_{number}", DataType.Text), new($"attribution_{number}", DataType.Float64)])
                : _columns.Select(column => new Field($"attribution_{column}", DataType.Float64)),
        ];
        if (keep.FirstOrDefault(name => fields.Any(field => field.Name == name)) is { } twice)
        {
            throw new UsageException($"The column '{twice}' would be written twice; leave it out of --keep.");
        }

        _predictions = new PredictionColumns(artifact, keep);
        _builder = new BatchBuilder(new Schema(fields));
    }

    /// <summary>Single-precision floats, and written as such.</summary>
    public IReadOnlySet<string> Narrow =>
        _predictions.Narrow.Concat(
            _builder.Batch.Schema.Fields.Where(column => column.Type == DataType.Float64).Select(column => column.Name))
            .ToHashSet();

    /// <summary>Valid until the next call and while the rows are.</summary>
    public ColumnBatch Of(ExplainedBatch batch)
    {
        _builder.Clear();
        for (var row = 0; row < batch.Rows.RowCount; row++)
        {
            var explained = batch.ExplainedScore(row);
            _builder.Columns[0].Append(batch.Scores.Span[row * batch.Explainer.Output.Width + explained]);
            _builder.Columns[1].Append((float)batch.Explainer.BaseScores[explained]);
            Append(batch.AttributionsOf(row, explained));
        }

        var predicted = _predictions.Of(new PredictedBatch(batch.Rows, batch.Predictions));
        return new ColumnBatch(
            new Schema(predicted.Schema.Fields.Concat(_builder.Batch.Schema.Fields)),
            [.. predicted.Columns, .. _builder.Batch.Columns]);
    }

    void Append(ReadOnlySpan<double> attributions)
    {
        if (_top is null)
        {
            for (var column = 0; column < attributions.Length; column++)
            {
                _builder.Columns[2 + column].Append((float)attributions[column]);
            }

            return;
        }

        var values = attributions.ToArray();
        var place = 2;
        var largest = Enumerable.Range(0, values.Length).OrderByDescending(column => Math.Abs(values[column])).Take(_top.Value);
        foreach (var column in largest)
        {
            _builder.Columns[place++].Append(_columns[column]);
            _builder.Columns[place++].Append((float)values[column]);
        }
    }
}
