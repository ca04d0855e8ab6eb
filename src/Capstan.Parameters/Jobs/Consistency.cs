namespace Capstan.Parameters;

/// <summary>How far workers may run apart.</summary>
/// <remarks>
/// Source: M. Li et al., "Scaling distributed machine learning with the parameter server", OSDI 2014, section 3.4: a new task
/// waits until all tasks before those of the last τ are done. Tasks are numbered in the order of the data here, not per worker,
/// so that workers may come and go.
/// </remarks>
enum Consistency : byte
{
    /// <summary>
    /// One batch at a time, its parts shared out; the model has the bits of the single-machine trainer, for any number of
    /// workers.
    /// </summary>
    Synchronous = 1,

    /// <summary>
    /// A batch per worker; none begins before all but the last <see cref="TrainingJob.MaxDelay"/> before it are learned.
    /// </summary>
    Bounded = 2,

    /// <summary>A batch per worker, without waiting.</summary>
    Asynchronous = 3,
}
