using System.Text;
using System.Xml.Linq;

namespace Capstan.Registry;

/// <summary>
/// A file that is put in parts, since a single PUT takes at most 5 GB and its hash would have to be known beforehand. It appears
/// when it is completed; what is not is aborted, and takes no place.
/// </summary>
/// <param name="id">By which the store knows the upload.</param>
/// <remarks>Source: "Multipart upload overview" of the S3 user guide; parts but the last have at least 5 MiB, and there are at
/// most 10,000.</remarks>
sealed class S3Upload(S3Store store, Uri url, string id)
{
    const int MostParts = 10_000;

    readonly List<string> _tags = [];

    public static async Task<S3Upload> BeginAsync(S3Store store, Uri url, CancellationToken cancellationToken)
    {
        var answer = await store.AnswerAsync(HttpMethod.Post, new Uri($"{url}?uploads"), default, cancellationToken);
        return new S3Upload(store, url, S3Store.Text(answer, "UploadId") ??
            throw new IOException($"The store gave no id for an upload to {url}."));
    }

    /// <exception cref="IOException">The store refused, or there are too many parts.</exception>
    public async Task AddAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        if (_tags.Count == MostParts)
        {
            throw new IOException(
                $"The file has more than {MostParts:N0} parts of {S3Store.PartBytes:N0} bytes, the most that S3 takes.");
        }

        var place = new Uri($"{url}?partNumber={_tags.Count + 1}&uploadId={Uri.EscapeDataString(id)}");
        using var response = await store.SendAsync(HttpMethod.Put, place, part, cancellationToken);
        S3Store.Require(response, url);
        _tags.Add(response.Headers.ETag?.ToString() ?? throw new IOException($"The store gave no tag for a part of {url}."));
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var list = new XElement("CompleteMultipartUpload", _tags.Select((tag, index) =>
            new XElement("Part", new XElement("PartNumber", index + 1), new XElement("ETag", tag))));
        var answer = await store.AnswerAsync(
            HttpMethod.Post, new Uri($"{url}?uploadId={Uri.EscapeDataString(id)}"), Encoding.UTF8.GetBytes(list.ToString()),
            cancellationToken);

        // The store may answer 200 before it has put the parts together, and tell of a failure only in the body.
        if (answer.Name.LocalName == "Error")
        {
            throw new IOException($"The store could not put the parts of {url} together: {S3Store.Text(answer, "Message")}");
        }
    }

    /// <summary>Whatever went wrong before is what counts; parts that are left are removed by the bucket's own rules.</summary>
    public async Task AbortAsync()
    {
        try
        {
            using var response = await store.SendAsync(
                HttpMethod.Delete, new Uri($"{url}?uploadId={Uri.EscapeDataString(id)}"), default, CancellationToken.None);
        }
        catch (IOException)
        {
            // The store is away.
        }
    }
}
