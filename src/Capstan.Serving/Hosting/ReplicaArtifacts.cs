using System.Formats.Tar;
using Capstan.Models;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// The artifacts that a replica was sent because it does not see the folders of its gateway: each in a folder named by its hash, which is
/// checked when it has arrived. Thread-safe.
/// </summary>
/// <param name="folder">Of this replica alone; made when the first artifact arrives.</param>
sealed class ReplicaArtifacts(string folder)
{
    public const string Path = "/v1beta/artifacts/";

    const int HashLetters = 64;

    /// <summary>Where a version is read from: as it was sent, or else where the routing table says.</summary>
    public string FolderOf(RoutedVersion version) => Directory.Exists(PlaceOf(version.Hash)) ? PlaceOf(version.Hash) : version.Artifact;

    /// <summary><c>GET</c> tells whether an artifact is here; <c>PUT</c> brings it as a tar of its files.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var hash = context.Request.Path.Value![Path.Length..]; // A request that came here has this path.
        if (hash.Length != HashLetters || !hash.All(char.IsAsciiHexDigitLower))
        {
            throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }

        if (HttpMethods.IsPut(context.Request.Method))
        {
            await TakeAsync(hash, context.Request.Body, context.RequestAborted);
        }
        else
        {
            Answers.RequireMethod(context, HttpMethods.Get);
        }

        await Answers.WriteAsync(
            context, Directory.Exists(PlaceOf(hash)) ? "{\"present\":true}"u8.ToArray() : "{\"present\":false}"u8.ToArray());
    }

    string PlaceOf(string hash) => System.IO.Path.Combine(folder, hash);

    /// <summary>Written aside, read and verified, then renamed: what has its name is whole.</summary>
    async Task TakeAsync(string hash, Stream tar, CancellationToken cancellationToken)
    {
        var aside = Directory.CreateDirectory(System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}")).FullName;
        try
        {
            await ExtractAsync(tar, aside, cancellationToken);
            var found = ArtifactCheck.Read(aside).Hash.ToString();
            if (found != hash)
            {
                throw new RefusedRequestException(HttpProblems.OtherArtifact(hash, $"it is the artifact {found}"));
            }

            Directory.Move(aside, PlaceOf(hash));
        }
        catch (Exception problem) when (problem is CorruptArtifactException or ForeignModelException or InvalidDataException or EndOfStreamException)
        {
            throw new RefusedRequestException(HttpProblems.OtherArtifact(hash, problem.Message));
        }
        catch (IOException) when (Directory.Exists(PlaceOf(hash)))
        {
            // The same was sent twice at the same time.
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    /// <exception cref="InvalidDataException">It holds anything but files below the folder.</exception>
    static async Task ExtractAsync(Stream tar, string folder, CancellationToken cancellationToken)
    {
        await using var reader = new TarReader(tar, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry.EntryType == TarEntryType.Directory)
            {
                continue;
            }

            var place = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, entry.Name));
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) ||
                !place.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"'{entry.Name}' ({entry.EntryType}) is no file of an artifact.");
            }

            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!); // It is below the folder.
            await entry.ExtractToFileAsync(place, overwrite: false, cancellationToken);
        }
    }
}
