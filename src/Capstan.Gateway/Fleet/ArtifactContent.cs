using System.Formats.Tar;
using System.Net;

namespace Capstan.Gateway;

/// <summary>An artifact's files as a tar, written while it is sent.</summary>
sealed class ArtifactContent(string folder) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        TarFile.CreateFromDirectoryAsync(folder, stream, includeBaseDirectory: false, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
