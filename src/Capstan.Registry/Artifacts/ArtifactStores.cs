namespace Capstan.Registry;

/// <summary>Which store an address means.</summary>
public static class ArtifactStores
{
    const string S3Scheme = "s3://";

    /// <param name="address">
    /// A folder, or <c>s3://KEY:SECRET@host:port/bucket?tls=false&amp;region=us-east-1</c>; without a key the environment's
    /// <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>, as the caller gives them.
    /// </param>
    /// <param name="environment">Looks up a variable of the environment.</param>
    /// <exception cref="ArgumentException">The address lacks a part.</exception>
    public static IArtifactStore Open(string address, Func<string, string?> environment, TimeProvider time)
    {
        if (!address.StartsWith(S3Scheme, StringComparison.Ordinal))
        {
            return new FolderStore(address);
        }

        var uri = new Uri(address);
        var user = uri.UserInfo.Split(':', 2);
        var key = user is [{ Length: > 0 }, _] ? Uri.UnescapeDataString(user[0]) : environment("AWS_ACCESS_KEY_ID");
        var secret = user is [{ Length: > 0 }, var text] ? Uri.UnescapeDataString(text) : environment("AWS_SECRET_ACCESS_KEY");
        var bucket = uri.AbsolutePath.Trim('/');
        if (string.IsNullOrEmpty(key) || string.IsNullOrEmpty(secret) || bucket.Length == 0)
        {
            throw new ArgumentException(
                $"'{S3Scheme}{uri.Authority}{uri.AbsolutePath}' lacks " +
                    $"{(bucket.Length == 0 ? "a bucket" : "a key and its secret")}; expected " +
                "s3://KEY:SECRET@host:port/bucket, or the key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", nameof(address));
        }

        var settings = uri.Query.TrimStart('?').Split('&').Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]));
        var scheme = settings.GetValueOrDefault("tls") == "false" ? "http" : "https";
        var endpoint = new Uri($"{scheme}://{uri.Host}{(uri.Port < 0 ? "" : $":{uri.Port}")}/{bucket}/");
        return new S3Store(endpoint, new SigV4(key, secret, settings.GetValueOrDefault("region") ?? "us-east-1"), time);
    }
}
