using Capstan.Models;

namespace Capstan.Serving;

/// <summary>Artifacts that are read to be looked at and verified, not to predict.</summary>
static class ArtifactCheck
{
    /// <summary>Reads all of it and replays its golden rows; a process that a model of another program took for that ends.</summary>
    /// <exception cref="CorruptArtifactException">It is not whole, or does not predict what it did.</exception>
    public static ModelArtifact Read(string folder)
    {
        var artifact = ArtifactFolder.Read(folder);
        (artifact.Predictor as IForeignPredictor)?.Rest();
        return artifact;
    }
}
