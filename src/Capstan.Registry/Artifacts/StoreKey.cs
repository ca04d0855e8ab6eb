namespace Capstan.Registry;

/// <summary>Which texts may be keys: relative paths that can't lead out of their store, on any file system.</summary>
public static class StoreKey
{
    const int Longest = 900;

    public static bool IsValid(string key) =>
        key.Length is > 0 and <= Longest && !key.Contains('\\') && !key.Any(char.IsControl) && key.Split('/').All(IsSegment);

    /// <exception cref="ArgumentException">The text is no key.</exception>
    public static string Check(string key) => IsValid(key) ? key : throw new ArgumentException(
        $"'{(key.Length <= 100 ? key : key[..100] + "…")}' can't be the name of a stored file: expected names separated by " +
            $"'/', without '..', " +
        "'\\', control characters and empty parts.", nameof(key));

    static bool IsSegment(string segment) => segment.Length is > 0 and <= 255 && segment is not ("." or "..");
}
