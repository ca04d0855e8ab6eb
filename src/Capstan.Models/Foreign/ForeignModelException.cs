namespace Capstan.Models;

/// <summary>A model of another program can't be read, is not one that predicts rows, or fails on some rows.</summary>
/// <param name="model">The file as the user named it, or the output that was asked for.</param>
/// <param name="problem">What was found and what was expected, as sentences.</param>
public sealed class ForeignModelException(string model, string problem, Exception? cause = null)
    : Exception($"The imported model '{model}' can't be used: {problem}", cause)
{
    public string Model { get; } = model;

    public string Problem { get; } = problem;
}
