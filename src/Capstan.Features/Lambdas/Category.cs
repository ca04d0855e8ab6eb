namespace Capstan.Features;

/// <summary>
/// What a lambda's <see cref="Feature"/> calls make of categories: it can be crossed, but not calculated with. It never has a
/// value in C#.
/// </summary>
public readonly struct Category
{
    /// <summary>A text may stand wherever categories are crossed.</summary>
    public static implicit operator Category(string? text) => throw Feature.IsNeverCalled();
}
