using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// What a coordinator has to remember: the epochs that have ended, and the best model so far. Parameters are the servers'
/// affair.
/// </summary>
sealed class CoordinatorState(string path)
{
    public void Save(TrainingRun run)
    {
        var aside = $"{path}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // it lies in a folder
            using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                var writer = new CheckpointWriter(stream);
                run.Save(writer);
                writer.End();
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // A coordinator that takes over does the epoch again; the failed checkpoint of the shards has been said.
            StateFile.Drop(aside);
        }
    }

    /// <summary>Takes up what there is; nothing, if it is damaged.</summary>
    public void Restore(TrainingRun run)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            run.Restore(CheckpointReader.Open(stream));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or CorruptStateException)
        {
            // The training begins at its first epoch, as far as the coordinator knows.
        }
    }
}

/// <summary>A learner that others teach: what was pulled from the servers, ready to freeze.</summary>
sealed class PulledLearner(ILearner learner) : IResumableLearner
{
    public Loss Loss => learner.Loss;

    public double Learn(TrainingBatch batch) => throw new NotSupportedException("Only the servers of a distributed training learn.");

    public IPredictor Freeze() => learner.Freeze();

    public void Save(CheckpointWriter state)
    {
    }

    public void Restore(CheckpointReader state)
    {
    }
}
