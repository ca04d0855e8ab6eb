namespace Capstan.Features;

/// <summary>A lambda that can't become an expression, found before any data is read.</summary>
/// <param name="found">The part of it that has no translation, as C#.</param>
/// <param name="lambda">The whole lambda, as C#.</param>
/// <param name="problem">Why not, and what to write instead.</param>
public sealed class LambdaException(string found, string lambda, string problem)
    : ArgumentException($"In the lambda '{lambda}', '{found}': {problem}")
{
    public string Found { get; } = found;

    public string Lambda { get; } = lambda;
}
