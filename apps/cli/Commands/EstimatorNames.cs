namespace Capstan.Cli;

/// <summary>What <c>--estimator</c> may say: a family, where the label decides the rest, or one estimator.</summary>
static class EstimatorNames
{
    public static readonly string Families = string.Join(", ", Enum.GetNames<EstimatorFamily>().Select(Written));

    public static readonly string All = $"{Families}, {string.Join(", ", Enum.GetNames<EstimatorKind>())}";

    /// <exception cref="UsageException">The text is none of <see cref="All"/>.</exception>
    public static (EstimatorFamily Family, EstimatorKind? Kind) Parse(string? text)
    {
        if (text is null)
        {
            return (EstimatorFamily.Linear, null);
        }

        foreach (var family in Enum.GetValues<EstimatorFamily>())
        {
            if (Written(family.ToString()).Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return (family, null);
            }
        }

        foreach (var kind in Enum.GetValues<EstimatorKind>())
        {
            if (kind.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return (kind.Family(), kind);
            }
        }

        throw new UsageException($"--estimator was given '{text}', expected one of {All}.");
    }

    /// <summary>As a word of the command line: BoostedTrees is boosted-trees.</summary>
    static string Written(string family) => string.Concat(
        family.Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"-{letter}" : $"{letter}")).ToLowerInvariant();
}
