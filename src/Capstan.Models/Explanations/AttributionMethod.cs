namespace Capstan.Models;

/// <summary>How scores are attributed to what they were computed from.</summary>
public enum AttributionMethod : byte
{
    /// <summary>
    /// The model's own: exact for linear models and trees, integrated gradients for networks, the sum of both for wide-and-deep
    /// ones; sampled Shapley values for a model that has none.
    /// </summary>
    Own = 1,

    /// <summary>Sampled Shapley values, whatever the model: slower, and it knows nothing of what the model is made of.</summary>
    SampledShapley = 2,
}
