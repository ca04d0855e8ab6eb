using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>What a model predicts.</summary>
/// <param name="Expression">
/// Computes the label from raw columns: the value (regression), a truth (two classes), or the number of the class (more; a number
/// below 0 is no class).
/// </param>
/// <param name="Classes">The class names of a classifier; null for a regression.</param>
public sealed record LabelDefinition(Expr Expression, ClassNames? Classes);

/// <summary>
/// A trained model as data: everything that turns raw rows into predictions, what it was trained on, and the proof that it
/// computes the same here as where it was trained. It holds no code, so loading one can't execute anything.
/// </summary>
/// <param name="Transform">The frozen preprocessing.</param>
/// <param name="Predictor">Scores the transform's features.</param>
/// <param name="Label">What is predicted.</param>
/// <param name="DataSchema">
/// All raw columns of the training data; those that <paramref name="Transform"/> does not read may stand in requests and are
/// ignored.
/// </param>
/// <param name="TrainingStatistics">Of the raw columns that the model reads, and the label's, over the training rows.</param>
/// <param name="Golden">Some raw rows with the predictions that the model gave right after training.</param>
/// <param name="Lineage">Where it comes from.</param>
public sealed record ModelArtifact(
    FrozenTransform Transform,
    IPredictor Predictor,
    LabelDefinition Label,
    Schema DataSchema,
    TableStatistics TrainingStatistics,
    GoldenRows Golden,
    Lineage Lineage)
{
    readonly ContentHash? _storedHash;
    ImmutableArray<ArtifactSection>? _sections;

    // What `with` makes has other content, or may have: it has a name of its own.
    ModelArtifact(ModelArtifact other)
    {
        (Transform, Predictor, Label, DataSchema) = (other.Transform, other.Predictor, other.Label, other.DataSchema);
        (TrainingStatistics, Golden, Reference, Lineage) = (other.TrainingStatistics, other.Golden, other.Reference, other.Lineage);
        Intervals = other.Intervals;
    }

    /// <summary>An artifact that was read keeps its name, although this release may write some parts in another form.</summary>
    internal ModelArtifact(ModelArtifact read, ContentHash hash)
        : this(read) => _storedHash = hash;

    /// <summary>
    /// The features of training rows, drawn uniformly, which explanations are relative to; null in models of releases that kept
    /// none.
    /// </summary>
    public ReferenceRows? Reference { get; init; }

    /// <summary>Where values will lie; null where that was not asked for, and of classifiers.</summary>
    public PredictionIntervals? Intervals { get; init; }

    /// <summary>
    /// Names the model: equal hashes predict equally to the bit. It covers everything but the lineage, so the same data,
    /// pipeline and seed give the same hash on another day.
    /// </summary>
    public ContentHash Hash => _storedHash ?? ArtifactSection.HashOf(Sections);

    /// <summary>The content files, in the order in which they are hashed.</summary>
    internal ImmutableArray<ArtifactSection> Sections => _sections ??= ArtifactSection.Of(this);
}
