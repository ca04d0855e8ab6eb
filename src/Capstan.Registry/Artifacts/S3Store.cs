using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace Capstan.Registry;

/// <summary>
/// Files in a bucket of anything that speaks S3: five calls (PUT, GET, LIST, DELETE, HEAD of the bucket) with path-style
/// addresses.
/// </summary>
/// <remarks>A file is one PUT, so it has at most 5 GB; it is spooled to a temporary file first, since its hash is
/// signed.</remarks>
sealed class S3Store(Uri bucket, SigV4 signature, TimeProvider time) : IArtifactStore, IDisposable
{
    const int MostTries = 4;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };

    public string Place { get; } = $"s3://{bucket.Authority}{bucket.AbsolutePath}";

    public async Task<long> WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var url = UrlOf(key);
        await using var spool = new FileStream(
            Path.Combine(Path.GetTempPath(), $"capstan-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 1 << 16,
            FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        await content.CopyToAsync(spool, cancellationToken);
        spool.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(spool, cancellationToken));
        using var response = await SendAsync(HttpMethod.Put, url, hash, () =>
        {
            spool.Position = 0;
            return new Borrowed(spool);
        }, cancellationToken);
        Require(response, url);
        return spool.Length;
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var url = UrlOf(key);
        var response = await SendAsync(HttpMethod.Get, url, SigV4.EmptyHash, null, cancellationToken);
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
            using var response = await SendAsync(HttpMethod.Get, url, SigV4.EmptyHash, null, cancellationToken);
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
        using var response = await SendAsync(HttpMethod.Delete, url, SigV4.EmptyHash, null, cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            Require(response, url);
        }
    }

    public string? LocalPath(string key) => null;

    public void Dispose() => _http.Dispose();

    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri url, string hash, Func<Stream>? body, CancellationToken cancellationToken)
    {
        // All calls may be repeated: the same bytes under the same key.
        var pause = FirstPause;
        for (var tries = 1; ; tries++, pause *= 3)
        {
            using var request = new HttpRequestMessage(method, url);
            if (body is not null)
            {
                request.Content = new StreamContent(body());
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

            await Task.Delay(pause, cancellationToken);
        }
    }

    // RFC 3986 leaves '/' between parts as it is; S3's signature does too.
    Uri UrlOf(string key) => new(bucket, string.Join('/', StoreKey.Check(key).Split('/').Select(Uri.EscapeDataString)));

    static void Require(HttpResponseMessage response, Uri url)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new IOException(
                $"The store at {url.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode} {response.ReasonPhrase}; " +
                    $"check bucket, key and rights.");
        }
    }

    static string? Text(XElement element, string name) =>
        element.Elements().FirstOrDefault(child => child.Name.LocalName == name)?.Value;

    /// <summary>A stream that stays open when a request is done with it.</summary>
    sealed class Borrowed(Stream stream) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => stream.Length;

        public override long Position
        {
            get => stream.Position;
            set => stream.Position = value;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => stream.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => stream.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
