using System.Globalization;
using Capstan.Data;
using Capstan.Models;

namespace Capstan;

/// <summary>
/// Predictions as columns of a file: <c>prediction</c>, with intervals <c>lower</c> and <c>upper</c> behind it, or of a classifier <c>probability</c> (of the positive class) and
/// <c>predicted</c> (the likelier class), after raw columns that are kept. Of more than two classes the probability is that of
/// the predicted one, and <c>probability_CLASS</c> follows for each.
/// </summary>
public sealed class PredictionColumns
{
    readonly string[] _keep;
    readonly ClassNames? _classes;
    readonly BatchBuilder _builder;

    /// <param name="keep">Raw columns to put before the predictions.</param>
    /// <exception cref="ArgumentException">A column to keep is named twice or like a prediction's.</exception>
    public PredictionColumns(ModelArtifact artifact, IReadOnlyList<string> keep)
    {
        (_keep, _classes) = ([.. keep], artifact.Label.Classes);
        _builder = new BatchBuilder(new Schema(_classes switch
        {
            null when artifact.Intervals is not null =>
                [new Field("prediction", DataType.Float64), new Field("lower", DataType.Float64), new Field("upper", DataType.Float64)],
            null => [new Field("prediction", DataType.Float64)],
            { Count: 2 } => [new Field("probability", DataType.Float64), new Field("predicted", _classes.Type)],
            _ =>
            [
                new Field("probability", DataType.Float64), new Field("predicted", _classes.Type),
                .. _classes.Names.Select(name => new Field($"probability_{name}", DataType.Float64)),
            ],
        }));
        var names = keep.Concat(_builder.Batch.Schema.Names);
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new ArgumentException($"The column '{twice}' would be written twice; leave it out of the columns to keep.", nameof(keep));
        }
    }

    /// <summary>The columns of rows with these raw ones.</summary>
    /// <exception cref="UnknownColumnException">A column to keep is not there.</exception>
    public Schema SchemaOf(Schema raw) => new(_keep.Select(name => raw[name]).Concat(_builder.Batch.Schema.Fields));

    /// <summary>Single-precision floats, and written as such.</summary>
    public IReadOnlySet<string> Narrow =>
        _builder.Batch.Schema.Fields.Where((_, index) => index != 1 || _classes is null).Select(column => column.Name).ToHashSet();

    /// <summary>Valid until the next call and while the rows are.</summary>
    public ColumnBatch Of(PredictedBatch batch)
    {
        _builder.Clear();
        var predictions = batch.Predictions.Span;
        var width = batch.Rows.RowCount == 0 ? 1 : predictions.Length / batch.Rows.RowCount;
        for (var first = 0; first < predictions.Length; first += width)
        {
            Append(predictions.Slice(first, width));
        }

        for (var end = 0; end < batch.Bounds.Length; end++)
        {
            _builder.Columns[1 + end % 2].Append(batch.Bounds.Span[end]);
        }

        var predicted = _builder.Batch;
        return new ColumnBatch(SchemaOf(batch.Rows.Schema), [.. _keep.Select(name => batch.Rows[name]), .. predicted.Columns]);
    }

    void Append(ReadOnlySpan<float> predictions)
    {
        if (_classes is null)
        {
            _builder.Columns[0].Append(predictions[0]);
            return;
        }

        var likeliest = ModelOutput.LikeliestClass(predictions);
        _builder.Columns[0].Append(predictions.Length == 1 ? predictions[0] : predictions[likeliest]);
        Append(_builder.Columns[1], _classes.Names[likeliest]);
        for (var index = 2; index < _builder.Columns.Length; index++)
        {
            _builder.Columns[index].Append(predictions[index - 2]);
        }
    }

    static void Append(ColumnBuilder column, string name)
    {
        switch (column.Type)
        {
            case DataType.Boolean:
                column.Append(name == "true");
                break;
            case DataType.Int64:
                column.Append(long.Parse(name, CultureInfo.InvariantCulture));
                break;
            case DataType.Float64:
                column.Append(double.Parse(name, CultureInfo.InvariantCulture));
                break;
            default:
                column.Append(name);
                break;
        }
    }
}
