namespace Capstan.Models;

/// <summary>What became of the process in which a model of another program runs.</summary>
public enum ForeignFailure
{
    /// <summary>It goes on, if there is one: the model itself can't be read, or fails on what it was asked.</summary>
    Refused,

    /// <summary>It ended while it computed, or was ended since that took too long.</summary>
    Lost,

    /// <summary>None could be started.</summary>
    NotStarted,
}

/// <summary>A model of another program can't be read, is not one that predicts rows, or fails on some rows.</summary>
/// <param name="model">The file as the user named it, or the output that was asked for.</param>
/// <param name="problem">What was found and what was expected, as sentences.</param>
public sealed class ForeignModelException(string model, string problem, Exception? cause = null)
    : Exception($"The imported model '{model}' can't be used: {problem}", cause)
{
    public string Model { get; } = model;

    public string Problem { get; } = problem;

    public ForeignFailure Failure { get; init; }
}
