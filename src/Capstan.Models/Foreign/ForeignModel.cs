using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>A model file of another program, before anybody has said what its inputs are fed with.</summary>
public abstract class ForeignModel
{
    /// <summary>The file, as the user named it.</summary>
    public abstract string File { get; }

    /// <summary>What it is, for people: <c>ONNX by skl2onnx 1.16.0</c>.</summary>
    public abstract string Description { get; }

    /// <summary>How many scores a row has, and what they mean.</summary>
    public abstract ModelOutput Output { get; }

    /// <summary>The output that is predicted.</summary>
    public abstract string OutputName { get; }

    /// <summary>The classes of a classifier, in the order of its scores; null for a regression.</summary>
    public abstract ClassNames? Classes { get; }

    /// <summary>What it was trained to predict, where the file says so: an expression over raw columns.</summary>
    public abstract string? Label { get; }

    /// <summary>The names of the inputs that take one value of each row.</summary>
    public abstract IReadOnlyList<string> SingleInputs { get; }

    /// <summary>The raw columns that it takes where nothing is computed from them first.</summary>
    /// <param name="names">Names of the columns in the order of its inputs; none for the inputs' own.</param>
    /// <param name="data">The columns of data it shall predict, whose types are kept where the model takes them; null for
    /// none.</param>
    /// <exception cref="ArgumentException">There are more or fewer names than the model has columns, or it does not say how
    /// many.</exception>
    public abstract Schema Columns(IReadOnlyList<string> names, Schema? data);

    /// <summary>The model over some features.</summary>
    /// <param name="features">What a transform gives.</param>
    /// <param name="order">The features' names in the order in which an input of several takes them.</param>
    /// <exception cref="ArgumentException">Features and inputs don't fit; the message shows both.</exception>
    public abstract IForeignPredictor Over(FeatureLayout features, IReadOnlyList<string> order);
}
