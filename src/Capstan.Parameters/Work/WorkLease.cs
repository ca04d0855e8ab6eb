namespace Capstan.Parameters;

/// <summary>What a worker is to compute: some parts of 128 rows of one batch.</summary>
/// <param name="Step">The batch, from 0, counted through all epochs.</param>
/// <param name="FirstPart">Of those of the batch.</param>
readonly record struct WorkLease(long Step, int FirstPart, int PartCount);

/// <summary>
/// Hands out the work of a job to whoever asks. Decides by what it is told alone, so that a simulation runs the same code.
/// </summary>
interface IWorkDispatcher
{
    /// <param name="worker">Who asks.</param>
    /// <param name="now">In seconds, of any clock.</param>
    /// <returns>Null while there is nothing for it to do.</returns>
    WorkLease? Take(int worker, double now);

    /// <summary>Seconds after which there may be something for a worker that got nothing, though nothing happens meanwhile.</summary>
    double NextChance(int worker, double now);

    /// <summary>Some parts have been taken in.</summary>
    void Receive(in WorkLease done, double now);

    /// <summary>A worker is gone: what it had is handed out again.</summary>
    void Leave(int worker);
}
