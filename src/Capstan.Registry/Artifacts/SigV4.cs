using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Registry;

/// <summary>
/// Signs requests as S3 wants them: AWS Signature Version 4, with the signature in the Authorization header. Source:
/// "Authenticating Requests: Using the Authorization Header" of the S3 API reference, whose worked example is a test.
/// </summary>
sealed class SigV4(string accessKey, string secretKey, string region)
{
    const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The hash of an empty body.</summary>
    public static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>Adds the date, the body's hash and the signature over all headers that the request has so far.</summary>
    /// <param name="bodyHash">The SHA-256 of the body in hexadecimal.</param>
    public void Sign(HttpRequestMessage request, string bodyHash, DateTimeOffset now)
    {
        var uri = request.RequestUri!; // S3Store gives every request one
        var instant = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Host = uri.IsDefaultPort ? uri.Host : uri.Authority;
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", bodyHash);
        request.Headers.TryAddWithoutValidation("x-amz-date", instant);
        var headers =
            request.Headers.Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(",", header.Value).Trim()))
            .OrderBy(header => header.Name, StringComparer.Ordinal).ToArray();
        var signed = string.Join(';', headers.Select(header => header.Name));
        var canonical = string.Join(
            '\n', request.Method.Method, uri.AbsolutePath, CanonicalQuery(uri.Query),
            string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n")), signed, bodyHash);
        var scope = $"{instant[..8]}/{region}/s3/aws4_request";
        var text = $"{Algorithm}\n{instant}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + secretKey), (sum, part) => HMACSHA256.HashData(sum, Encoding.UTF8.GetBytes(part)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{Algorithm} Credential={accessKey}/{scope},SignedHeaders={signed},Signature={signature}");
    }

    static string CanonicalQuery(string query) =>
        string.Join('&', query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Contains('=') ? part : part + "=").Order(StringComparer.Ordinal));
}
