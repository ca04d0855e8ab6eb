using System.Globalization;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary>
/// Predictions as columns of a file: <c>prediction</c>, or of a classifier <c>probability</c> (of the positive class) and
/// <c>predicted</c> (the likelier class), after raw columns that are kept.
/// </summary>
sealed class PredictionColumns
{
    readonly string[] _keep;
    readonly ClassNames? _classes;
    readonly BatchBuilder _builder;

    /// <exception cref="UsageException">A column to keep is named twice or like a prediction's.</exception>
    public PredictionColumns(ModelArtifact artifact, string[] keep)
    {
        (_keep, _classes) = (keep, artifact.Label.Classes);
        _builder = new BatchBuilder(new Schema(_classes is null
            ? [new Field("prediction", DataType.Float64)]
            : [new Field("probability", DataType.Float64), new Field("predicted", _classes.Type)]));
        var names = keep.Concat(_builder.Batch.Schema.Names);
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new UsageException($"The column '{twice}' would be written twice; leave it out of --keep.");
        }
    }

    /// <summary>Single-precision floats, and written as such.</summary>
    public IReadOnlySet<string> Narrow => new HashSet<string> { _builder.Batch.Schema.Fields[0].Name };

    /// <summary>Valid until the next call and while the rows are.</summary>
    public ColumnBatch Of(PredictedBatch batch)
    {
        _builder.Clear();
        foreach (var prediction in batch.Predictions.Span)
        {
            _builder.Columns[0].Append(prediction);
            if (_classes is not null)
            {
                // As the server has it: from one half on, the positive class.
                Append(_builder.Columns[1], prediction >= 0.5f ? _classes.Positive : _classes.Negative);
            }
        }

        var predicted = _builder.Batch;
        var schema = new Schema(_keep.Select(name => batch.Rows.Schema[name]).Concat(predicted.Schema.Fields));
        return new ColumnBatch(schema, [.. _keep.Select(name => batch.Rows[name]), .. predicted.Columns]);
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
