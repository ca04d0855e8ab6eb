namespace Capstan.Gateway;

/// <summary>Keeps the routes of one gateway in a folder of its own, as <c>routing.json</c>.</summary>
sealed class FolderRoutes : IRouteStore
{
    readonly string _file;
    long? _generation;

    /// <param name="folder">Made if need be.</param>
    public FolderRoutes(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, "routing.json");
    }

    /// <summary>Nobody else writes here, so the file is read once.</summary>
    public async Task<long> GenerationAsync(CancellationToken cancellationToken) =>
        _generation ?? (await ReadAsync(cancellationToken)).Table.Generation;

    public async Task<FleetDocument> ReadAsync(CancellationToken cancellationToken)
    {
        var document = File.Exists(_file) ? FleetDocument.FromJson(await File.ReadAllBytesAsync(_file, cancellationToken)) : FleetDocument.Empty;
        _generation = document.Table.Generation;
        return document;
    }

    /// <summary>Written aside and renamed, so that what is read at the next start is whole.</summary>
    public async Task<bool> TryWriteAsync(FleetDocument next, string model, CancellationToken cancellationToken)
    {
        var aside = $"{_file}.part";
        await File.WriteAllBytesAsync(aside, next.ToJson(), cancellationToken);
        File.Move(aside, _file, overwrite: true);
        _generation = next.Table.Generation;
        return true;
    }
}
