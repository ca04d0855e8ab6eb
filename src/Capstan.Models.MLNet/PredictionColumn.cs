using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Models.MLNet;

/// <summary>What a column of a model's predictions holds.</summary>
enum PredictionColumn
{
    Score,
    Probability,
    PredictedLabel,
}

/// <summary>The columns of a model's predictions, under ML.NET's names and types.</summary>
static class PredictionColumns
{
    public static PredictionColumn[] Of(ModelOutput output) => output.Task switch
    {
        ModelTask.Regression => [PredictionColumn.Score],
        ModelTask.BinaryClassification => [PredictionColumn.PredictedLabel, PredictionColumn.Score, PredictionColumn.Probability],
        _ => [PredictionColumn.PredictedLabel, PredictionColumn.Score],
    };

    public static DataViewSchema SchemaOf(DataViewSchema input, ModelArtifact model)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        var output = model.Predictor.Output;
        foreach (var column in Of(output))
        {
            if (output.Width == 1)
            {
                DataViewType type = column == PredictionColumn.PredictedLabel ? BooleanDataViewType.Instance : NumberDataViewType.Single;
                builder.AddColumn(column.ToString(), type);
                continue;
            }

            var isLabel = column == PredictionColumn.PredictedLabel;
            builder.AddColumn(
                column.ToString(),
                isLabel ? new KeyDataViewType(typeof(uint), output.Width) : new VectorDataViewType(NumberDataViewType.Single, output.Width),
                Names(isLabel ? "KeyValues" : "SlotNames", model.Label.Classes!)); // of more than one score
        }

        return builder.ToSchema();
    }

    static DataViewSchema.Annotations Names(string kind, ClassNames classes)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        ReadOnlyMemory<char>[] names = [.. classes.Names.Select(name => name.AsMemory())];
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter =
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(names.Length, names);
        builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, names.Length), getter);
        return builder.ToAnnotations();
    }
}
