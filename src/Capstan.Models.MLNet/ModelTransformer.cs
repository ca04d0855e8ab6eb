using Microsoft.ML;

namespace Capstan.Models.MLNet;

/// <summary>
/// A Capstan model as an ML.NET transformer: it takes a view's raw columns by their names and appends predictions, row by row as
/// they are asked for. The same bits as <see cref="ModelScorer"/> gives.
/// </summary>
/// <remarks>
/// <para>Columns are named as ML.NET names them. Regression: <c>Score</c> (float), the value. Two classes: <c>PredictedLabel</c>
/// (bool, true for the positive class), <c>Score</c> (float, log-odds), <c>Probability</c> (float, of the positive class). More:
/// <c>PredictedLabel</c> (a key whose values are the classes' names) and <c>Score</c> (a vector of their probabilities).</para>
/// <para>Types: a column holds the type that the model was trained on, or a number of another one: whole numbers do for numbers,
/// and numbers that are whole for integers. Load fractions as <c>double</c>: a <c>float</c> of 0.1 is another number.</para>
/// <para>Thread-safe; each cursor and each prediction engine has memory of its own.</para>
/// </remarks>
public sealed class ModelTransformer(ModelArtifact model) : ITransformer
{
    public ModelArtifact Model => model;

    /// <summary>True: rows do not meet, so prediction engines can use it.</summary>
    public bool IsRowToRowMapper => true;

    /// <exception cref="ArgumentException">A column is missing, or has another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new PredictionMapper(model, inputSchema).OutputSchema;

    /// <summary>A view that predicts while it is read.</summary>
    /// <exception cref="ArgumentException">A column is missing, or has another type.</exception>
    public IDataView Transform(IDataView input) => new PredictedView(input, new PredictionMapper(model, input.Schema));

    /// <exception cref="ArgumentException">A column is missing, or has another type.</exception>
    public Microsoft.ML.Data.IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new PredictionMapper(model, inputSchema);

    /// <exception cref="NotSupportedException">Always: ML.NET's files hold the names of types to be made, a Capstan model is
    /// data.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        "ML.NET can't store a Capstan model. Keep its own folder (TrainedModel.Save) and make the transformer of it anew: artifact.ToMlNet().");
}

/// <summary>From Capstan's models to ML.NET's.</summary>
public static class ModelTransformers
{
    /// <summary><c>var transformer = model.Artifact.ToMlNet();</c></summary>
    public static ModelTransformer ToMlNet(this ModelArtifact model) => new(model);
}
