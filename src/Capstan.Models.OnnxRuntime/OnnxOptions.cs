namespace Capstan.Models.OnnxRuntime;

/// <summary>What the numbers of an output are. The numbers of the cases are written into artifacts and never reused.</summary>
public enum OnnxScores
{
    /// <summary>The predicted value.</summary>
    Value = 1,

    /// <summary>Log-odds of the positive class, or a logit for each class.</summary>
    Logits = 2,

    /// <summary>The probability of the positive class, or of each class.</summary>
    Probabilities = 3,
}

/// <summary>What an ONNX file does not say of itself; all that is left open is read from the file where it can be.</summary>
public sealed record OnnxOptions
{
    /// <summary>The output that is the prediction.</summary>
    public string? Output { get; init; }

    /// <summary>What its numbers are.</summary>
    public OnnxScores? Scores { get; init; }

    /// <summary>The classes in the order of the output's numbers.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
}
