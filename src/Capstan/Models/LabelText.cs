using System.Text.Json;
using Capstan.Models;

namespace Capstan;

/// <summary>What a model predicts, for people.</summary>
public static class LabelText
{
    /// <summary>
    /// The label as its pipeline had it; of a model without one, the expression. They differ for classes, whose numbers are an expression
    /// that names them all.
    /// </summary>
    public static string Of(ModelArtifact artifact) =>
        artifact.Label.Classes is { Count: > 2 }
        && artifact.Lineage.Pipeline.ValueKind == JsonValueKind.Object
        && artifact.Lineage.Pipeline.TryGetProperty("label", out var label) && label.GetString() is { } text
            ? text
            : artifact.Label.Expression.ToString();
}
