using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace Capstan.Registry;

/// <summary>
/// Files in a bucket of anything that speaks S3: PUT, GET, LIST, DELETE with path-style addresses, and uploads in parts for files
/// that are larger than one.
/// </summary>
/// <remarks>A part is in memory while it is sent, since its hash is signed and a send may be repeated.</remarks>
sealed class S3Store(Uri bucket, SigV4 signature, TimeProvider time) : IArtifactStore, IDisposable
{
    /// <summary>Of a part, and of the largest file that is a single PUT: at 10,000 parts a file has at most 80 GB.</summary>
    internal const int PartBytes = 8 << 20;

    const int MostTries = 4;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };

    public string Place { get; } = $"s3://{bucket.Authority}{bucket.AbsolutePath}";

    public async Task<long> WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var url = UrlOf(key);
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytes);
        try
        {
            var part = buffer.AsMemory(0, PartBytes);
            var length = await content.ReadAtLeastAsync(part, PartBytes, throwOnEndOfStream: false, cancellationToken);
            if (length == PartBytes)
            {
                return await WritePartsAsync(url, content, part, cancellationToken);
            }

            using var response = await SendAsync(HttpMethod.Put, url, part[..length], cancellationToken);
            Require(response, url);
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var url = UrlOf(key);
        var response = await SendAsync(HttpMethod.Get, url, default, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            response.Dispose();
            return null;
        }

        Require(response, url);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public async IAsyncEnumerable<StoredFile> ListAsync(string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var query = $"?list-type=2&prefix={Uri.EscapeDataString(prefix)}{(token is null ? "" : $"&continuation-token={Uri.EscapeDataString(token)}")}";
            var url = new Uri(bucket.AbsoluteUri.TrimEnd('/') + query);
            using var response = await SendAsync(HttpMethod.Get, url, default, cancellationToken);
            Require(response, url);
            var page = await XDocument.LoadAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken), LoadOptions.None, cancellationToken);

            // Servers differ in whether they name the namespace.
            foreach (var file in page.Descendants().Where(element => element.Name.LocalName == "Contents"))
            {
                yield return new StoredFile(Text(file, "Key")!, long.Parse(Text(file, "Size")!)); // S3 always tells both
            }

            token = Text(page.Root!, "IsTruncated") == "true" ? Text(page.Root!, "NextContinuationToken")
                : null; // loaded: has a root
        }
        while (token is not null);
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var url = UrlOf(key);
        using var response = await SendAsync(HttpMethod.Delete, url, default, cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            Require(response, url);
        }
    }

    public string? LocalPath(string key) => null;

    public void Dispose() => _http.Dispose();

    /// <param name="first">A whole part that was read already; its memory is used for those that follow.</param>
    async Task<long> WritePartsAsync(Uri url, Stream content, Memory<byte> first, CancellationToken cancellationToken)
    {
        var upload = await S3Upload.BeginAsync(this, url, cancellationToken);
        try
        {
            var (length, part) = (0L, first.Length);
            while (part > 0)
            {
                await upload.AddAsync(first[..part], cancellationToken);
                length += part;
                part = await content.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken);
            }

            await upload.CompleteAsync(cancellationToken);
            return length;
        }
        catch
        {
            await upload.AbortAsync();
            throw;
        }
    }

    /// <summary>Sends a request that answers XML.</summary>
    /// <exception cref="IOException">The store refused.</exception>
    internal async Task<XElement> AnswerAsync(
        HttpMethod method, Uri url, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, url, body, cancellationToken);
        Require(response, url);
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await XDocument.LoadAsync(content, LoadOptions.None, cancellationToken)).Root!; // loaded: has a root
    }

    internal async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri url, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        // All calls may be repeated: the same bytes under the same key.
        var hash = body.IsEmpty ? SigV4.EmptyHash : Convert.ToHexStringLower(SHA256.HashData(body.Span));
        var pause = FirstPause;
        for (var tries = 1; ; tries++, pause *= 3)
        {
            using var request = new HttpRequestMessage(method, url);
            if (method == HttpMethod.Put || method == HttpMethod.Post)
            {
                request.Content = new ReadOnlyMemoryContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            }

            signature.Sign(request, hash, time.GetUtcNow());
            try
            {
                var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if ((int)response.StatusCode is < 500 and not 429 || tries == MostTries)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException) when (tries < MostTries)
            {
                // Tried again below.
            }
            catch (HttpRequestException problem)
            {
                throw new IOException($"The store at {Place} can't be talked to: {problem.Message}", problem);
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    // RFC 3986 leaves '/' between parts as it is; S3's signature does too.
    Uri UrlOf(string key) => new(bucket, string.Join('/', StoreKey.Check(key).Split('/').Select(Uri.EscapeDataString)));

    internal static void Require(HttpResponseMessage response, Uri url)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new IOException(
                $"The store at {url.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode} {response.ReasonPhrase}; " +
                    $"check bucket, key and rights.");
        }
    }

    internal static string? Text(XElement element, string name) =>
        element.Elements().FirstOrDefault(child => child.Name.LocalName == name)?.Value;
}
