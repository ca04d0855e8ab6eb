namespace Capstan.Models;

/// <summary>What a feature contributed to the trees of a model.</summary>
/// <param name="Gain">The sum, over the splits on the feature, of how much each lowered the training objective.</param>
/// <param name="Splits">How many splits ask for the feature.</param>
public readonly record struct FeatureImportance(string Feature, double Gain, int Splits);
