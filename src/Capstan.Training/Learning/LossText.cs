using System.Globalization;

namespace Capstan.Training;

/// <summary>Losses of regressors as text, for files and command lines: <c>absolute</c>, <c>huber(2.5)</c>.</summary>
public static class LossText
{
    /// <summary>What a text may be, for messages.</summary>
    public const string Forms = "squared, absolute, huber(DELTA), quantile(Q), poisson or gamma";

    /// <exception cref="FormatException">The text is none of <see cref="Forms"/>, or its number is out of range.</exception>
    public static Loss Parse(string text)
    {
        var (name, argument) = Split(text);
        try
        {
            return (name, argument) switch
            {
                ("squared", null) => new Loss.Squared(),
                ("absolute", null) => new Loss.Absolute(),
                ("huber", { } delta) => new Loss.Huber(delta),
                ("quantile", { } probability) => new Loss.Quantile(probability),
                ("poisson", null) => new Loss.Poisson(),
                ("gamma", null) => new Loss.Gamma(),
                _ => throw new FormatException($"'{text}' is no loss of a regressor; expected {Forms}, such as quantile(0.9)."),
            };
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new FormatException($"'{text}' is no loss of a regressor: {problem.Message}", problem);
        }
    }

    /// <summary>The text that <see cref="Parse"/> reads back; a classifier's loss by its name.</summary>
    public static string Of(Loss loss) => loss switch
    {
        Loss.Huber huber => string.Create(CultureInfo.InvariantCulture, $"huber({huber.Delta:R})"),
        Loss.Quantile quantile => string.Create(CultureInfo.InvariantCulture, $"quantile({quantile.Probability:R})"),
        _ => loss.GetType().Name.ToLowerInvariant(),
    };

    static (string Name, double? Argument) Split(string text)
    {
        var trimmed = text.Trim().ToLowerInvariant();
        var open = trimmed.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return (trimmed, null);
        }

        return trimmed.EndsWith(')')
            && double.TryParse(trimmed.AsSpan()[(open + 1)..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (trimmed[..open].TrimEnd(), number)
            : (trimmed, null);
    }
}
