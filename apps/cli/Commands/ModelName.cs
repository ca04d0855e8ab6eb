namespace Capstan.Cli;

/// <summary>The names that models may have: they stand in URLs and name folders.</summary>
static class ModelName
{
    /// <exception cref="UsageException">The name has other characters, or would leave its folder.</exception>
    public static void Check(string name)
    {
        if (name.Trim('.').Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            throw new UsageException(
                $"The model name '{name}' can't stand in a URL; use letters, digits, '-', '_' and '.' only.");
        }
    }
}
