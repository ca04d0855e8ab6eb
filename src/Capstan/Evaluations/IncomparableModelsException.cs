namespace Capstan;

/// <summary>Models that predict different things were to be compared.</summary>
public sealed class IncomparableModelsException(string message) : ArgumentException(message);
