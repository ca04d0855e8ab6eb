namespace Capstan.Cli;

/// <summary>What <c>--estimator</c> may say: a family, where the label decides the rest, or one estimator.</summary>
static class EstimatorNames
{
    public const string Families = "linear, dnn";

    public static readonly string All = $"{Families}, {string.Join(", ", Enum.GetNames<EstimatorKind>())}";

    /// <exception cref="UsageException">The text is none of <see cref="All"/>.</exception>
    public static (EstimatorFamily Family, EstimatorKind? Kind) Parse(string? text) => text?.ToLowerInvariant() switch
    {
        null or "linear" => (EstimatorFamily.Linear, null),
        "dnn" => (EstimatorFamily.Dnn, null),
        _ when Enum.GetNames<EstimatorKind>().Contains(text, StringComparer.OrdinalIgnoreCase) =>
            Named(Enum.Parse<EstimatorKind>(text, ignoreCase: true)),
        _ => throw new UsageException($"--estimator was given '{text}', expected one of {All}."),
    };

    static (EstimatorFamily, EstimatorKind?) Named(EstimatorKind kind) => (
        kind is EstimatorKind.DnnClassifier or EstimatorKind.DnnRegressor ? EstimatorFamily.Dnn : EstimatorFamily.Linear, kind);
}
