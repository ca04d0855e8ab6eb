using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Models.MLNet;

/// <summary>A model bound to the columns of some view: the output's columns are the input's, in their places, then the predictions.</summary>
sealed class PredictionMapper : IRowToRowMapper
{
    readonly ModelArtifact _model;

    /// <exception cref="ArgumentException">A column is missing, or has another type.</exception>
    public PredictionMapper(ModelArtifact model, DataViewSchema input)
    {
        RawRowReader.Check(model.Transform.Input, input);
        (_model, InputSchema, OutputSchema) = (model, input, PredictionColumns.SchemaOf(input, model));
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var wanted = dependingColumns.Select(column => column.Index).ToHashSet();
        var read = wanted.Any(IsPrediction) ? _model.Transform.Input.Names.ToHashSet(StringComparer.Ordinal) : [];
        return InputSchema.Where(column => wanted.Contains(column.Index)
            || (read.Contains(column.Name) && InputSchema[column.Name].Index == column.Index));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new PredictedRow(input, Begin(input, activeColumns));

    /// <summary>What gives the columns of rows that come one after another, as far as they are wanted.</summary>
    public PredictedColumns Begin(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new(this, _model, input, [.. activeColumns.Select(column => column.Index)]);

    public bool IsPrediction(int index) => index >= InputSchema.Count;
}

/// <summary>The columns of a mapped row: those of the input are handed through, predictions are computed.</summary>
sealed class PredictedColumns(PredictionMapper mapper, ModelArtifact model, DataViewRow input, HashSet<int> active)
{
    readonly RowPrediction? _prediction = active.Any(mapper.IsPrediction) ? new RowPrediction(model, input) : null;

    public DataViewSchema Schema => mapper.OutputSchema;

    public bool IsActive(DataViewSchema.Column column) => active.Contains(column.Index);

    /// <exception cref="InvalidOperationException">The column is not active, or of another type.</exception>
    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor; ask for it when you open one.");
        }

        if (!mapper.IsPrediction(column.Index))
        {
            return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
        }

        var kind = PredictionColumns.Of(model.Predictor.Output)[column.Index - mapper.InputSchema.Count];
        return _prediction!.GetterOf(kind) as ValueGetter<TValue> // made for active predictions
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue).Name}.");
    }
}
