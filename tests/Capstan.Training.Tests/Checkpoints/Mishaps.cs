using Capstan.Models;

namespace Capstan.Training.Tests.Checkpoints;

/// <summary>Asks for cancelling before a batch.</summary>
sealed class Counting(IResumableLearner learner, Func<bool> isOver, CancellationTokenSource cancelling) : IResumableLearner
{
    public Loss Loss => learner.Loss;

    public double Learn(TrainingBatch batch)
    {
        if (isOver())
        {
            // Nothing of this batch is kept: as if the process had been killed in it.
            cancelling.Cancel();
            cancelling.Token.ThrowIfCancellationRequested();
        }

        return learner.Learn(batch);
    }

    public IPredictor Freeze() => learner.Freeze();

    public void Save(CheckpointWriter state) => learner.Save(state);

    public void Restore(CheckpointReader state) => learner.Restore(state);
}

sealed class Diverging(IResumableLearner learner) : IResumableLearner
{
    int _batches;

    public Loss Loss => learner.Loss;

    public double Learn(TrainingBatch batch) => ++_batches < 4 ? learner.Learn(batch) : double.NaN;

    public IPredictor Freeze() => learner.Freeze();

    public void Save(CheckpointWriter state) => learner.Save(state);

    public void Restore(CheckpointReader state) => learner.Restore(state);
}

/// <summary>A file on a disk that takes so many bytes.</summary>
sealed class FullDisk(string path, int room) : FileStream(path, FileMode.Create)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Position + buffer.Length > room)
        {
            throw new IOException("No space left on device");
        }

        base.Write(buffer);
    }
}
