namespace Capstan.Training;

/// <summary>What a warning is about.</summary>
public enum TrainingWarningKind
{
    /// <summary>A feature that says nearly all about the label by itself.</summary>
    Leak,

    /// <summary>Features with one value in all training rows.</summary>
    ConstantFeatures,

    /// <summary>A class that hardly occurs.</summary>
    RareClass,

    /// <summary>A model with more parameters than there are rows.</summary>
    FewRows,

    /// <summary>Losses that rise, or never fall below that of a constant.</summary>
    LearningRate,
}

/// <summary>Something that makes a model worse than it looks, or than it could be.</summary>
/// <param name="Text">What was found, and what to do about it, as a clause without a full stop.</param>
public sealed record TrainingWarning(TrainingWarningKind Kind, string Text);
