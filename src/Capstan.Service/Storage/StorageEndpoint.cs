using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Capstan.Service;

/// <summary>
/// Buckets over HTTP, in the part of Google's storage interface that its ML clients use: upload (as a body or multipart), read,
/// describe, list. Buckets need no making; a project's developers may write into <c>PROJECT</c> and <c>PROJECT-…</c>.
/// </summary>
sealed class StorageEndpoint(Engine engine, AccessControl access) : IPlainEndpoint
{
    const string UploadPath = "/upload/storage/v1/b/";
    const string ReadPath = "/storage/v1/b/";
    const int MostDescriptionBytes = 64 << 10;

    public string Name => "storage.objects";

    public async Task<bool> TryHandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var isUpload = path.StartsWith(UploadPath, StringComparison.Ordinal);
        if (!isUpload && !path.StartsWith(ReadPath, StringComparison.Ordinal))
        {
            return false;
        }

        var words = path[(isUpload ? UploadPath : ReadPath).Length..].Split('/', 3);
        if (words.Length < 2 || words[1] != "o")
        {
            throw new ServiceException(StatusCode.NotFound,
                $"There is nothing at {Quote.Short(path)}; objects are at {ReadPath}BUCKET/o/NAME.");
        }

        var caller = await access.CallerOfAsync(context);
        await access.RequireAsync(caller, isUpload ? "ml.models.create" : "ml.models.get", $"projects/{ProjectOf(words[0])}",
            context.RequestAborted);
        var answer = isUpload ? await UploadAsync(context, words[0])
            : words.Length == 2 ? await ListAsync(context, words[0])
            : await ReadAsync(context, words[0], Uri.UnescapeDataString(words[2]));
        if (answer is not null)
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, JsonText.Options),
                context.RequestAborted);
        }

        return true;
    }

    /// <summary>The project whose roles count for a bucket: the bucket's name up to its first '-'.</summary>
    static string ProjectOf(string bucket) => bucket.Split('-')[0];

    async Task<JsonObject> UploadAsync(HttpContext context, string bucket)
    {
        if (context.Request.ContentLength > engine.Options.MaxUploadBytes)
        {
            throw TooLarge();
        }

        var (name, content) = ($"{context.Request.Query["name"]}", context.Request.Body);
        if (MediaTypeBoundary(context.Request.ContentType) is { } boundary)
        {
            var parts = new MultipartReader(boundary, content) { HeadersLengthLimit = 16 << 10 };
            var first = await parts.ReadNextSectionAsync(context.RequestAborted);
            if (first is not null && name.Length == 0)
            {
                name = await NameInAsync(first.Body, context.RequestAborted);
            }

            content = (await parts.ReadNextSectionAsync(context.RequestAborted))?.Body ??
                throw ServiceException.Invalid("(body)",
                    "a multipart upload has two parts: what is known of the object, and its content.");
        }

        var key = KeyOf(bucket, name);
        await using var limited = new UploadStream(content, engine.Options.MaxUploadBytes, TooLarge);
        await engine.Store.WriteAsync(key, limited, context.RequestAborted);
        return Describe(bucket, name, limited.BytesRead);
    }

    /// <summary>What is known of an object is a little JSON before its content; no more than that is read.</summary>
    static async Task<string> NameInAsync(Stream description, CancellationToken cancellationToken)
    {
        var bytes = new byte[MostDescriptionBytes + 1];
        var length = await description.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return length <= MostDescriptionBytes
                ? $"{JsonNode.Parse(bytes.AsSpan(0, length))?["name"]}"
                : throw ServiceException.Invalid(
                    "(body)", $"the first part, which describes the object, has more than {MostDescriptionBytes:N0} bytes.");
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw ServiceException.Invalid("(body)", $"the first part must describe the object as JSON: {problem.Message}");
        }
    }

    async Task<JsonObject?> ReadAsync(HttpContext context, string bucket, string name)
    {
        await using var content = await engine.Store.OpenAsync(KeyOf(bucket, name), context.RequestAborted) ??
            throw ServiceException.NotFound($"gs://{bucket}/{name}");
        if (context.Request.Query["alt"] == "media")
        {
            context.Response.ContentType = "application/octet-stream";
            await content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return null;
        }

        return Describe(bucket, name, content.CanSeek ? content.Length : 0);
    }

    async Task<JsonObject> ListAsync(HttpContext context, string bucket)
    {
        var items = new JsonArray();
        var beginning = $"{KeyOf(bucket, "x")[..^1]}";
        await foreach (
            var file in engine.Store.ListAsync($"{beginning}{context.Request.Query["prefix"]}", context.RequestAborted))
        {
            items.Add(Describe(bucket, file.Key[beginning.Length..], file.Length));
        }

        return items.Count == 0 ? [] : new JsonObject { ["items"] = items };
    }

    static JsonObject Describe(string bucket, string name, long length) => new()
    {
        ["kind"] = "storage#object", ["bucket"] = bucket, ["name"] = name, ["size"] = $"{length}", ["generation"] = "1",
    };

    static string KeyOf(string bucket, string name)
    {
        var key = $"buckets/{bucket}/{name}";
        return StoreKey.IsValid(key) ? key : throw ServiceException.Invalid(
            "name", $"'{Quote.Short($"{bucket}/{name}")}' can't be an object; expected names separated by '/', without '..' " +
                $"and empty parts.");
    }

    static string? MediaTypeBoundary(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // Clients quote it in either way.
        return contentType.Split(';').Select(part => part.Trim())
            .Where(part => part.StartsWith("boundary=", StringComparison.OrdinalIgnoreCase))
            .Select(part => part["boundary=".Length..].Trim('"', '\'')).FirstOrDefault();
    }

    ServiceException TooLarge() => new(
        StatusCode.InvalidArgument,
        $"The upload is larger than {engine.Options.MaxUploadBytes:N0} bytes, the most that an object may have.")
    {
        HttpStatus = 413,
    };
}

/// <summary>A body that is counted, and refused where it grows too long.</summary>
sealed class UploadStream(Stream inner, long mostBytes, Func<Exception> tooLong) : Stream
{
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        BytesRead += read;
        return BytesRead <= mostBytes ? read : throw tooLong();
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Requests are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
