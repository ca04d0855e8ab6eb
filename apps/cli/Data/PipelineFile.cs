namespace Capstan.Cli;

/// <summary>A pipeline that the command line names.</summary>
static class PipelineFile
{
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="PipelineException">It holds no pipeline that can be used.</exception>
    public static async Task<Pipeline> ReadAsync(string path, CancellationToken cancellationToken) => File.Exists(path)
        ? Pipeline.Parse(await File.ReadAllTextAsync(path, cancellationToken))
        : throw new UsageException(
            $"there is no pipeline file '{path}'. 'capstan init DATA --label COLUMN --out {path}' writes one.");
}
