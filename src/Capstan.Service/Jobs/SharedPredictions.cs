namespace Capstan.Service;

/// <summary>What several processes answered to the lines of a batch prediction.</summary>
/// <param name="Results">The file with a line for each that was answered, in their order.</param>
/// <param name="Errors">The file with a line for each that was refused.</param>
/// <param name="Machines">How many took part.</param>
public sealed record SharedPredictions(string Results, string Errors, long PredictionCount, long ErrorCount, int Machines);
