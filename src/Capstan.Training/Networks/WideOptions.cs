using System.Collections.Immutable;

namespace Capstan.Training;

/// <summary>The linear part of a wide-and-deep model: what it sees, and how it learns.</summary>
/// <remarks>
/// A wide part memorises (this user and that item), a deep part generalises. Source: H.-T. Cheng et al., "Wide &amp; deep learning for
/// recommender systems", DLRS 2016.
/// </remarks>
public sealed record WideOptions
{
    /// <summary>Names of category features with weights of their own; null for all.</summary>
    public ImmutableArray<string>? Categories { get; init; }

    /// <summary>Whether numeric features have weights of their own, too.</summary>
    public bool Numerics { get; init; }

    /// <summary>The constants of FTRL-Proximal; what concerns labels has no meaning here.</summary>
    public LinearOptions Ftrl { get; init; } = LinearOptions.Default;
}
