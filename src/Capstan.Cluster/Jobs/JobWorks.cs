namespace Capstan.Cluster;

/// <summary>What a node can do for jobs.</summary>
static class JobWorks
{
    public static IJobWork[] Of(NodeOptions options, TimeProvider clock) =>
        [.. options.Works, new TrainingWork(options, clock), new DataWork(options, clock), new LinesWork(options, clock)];

    /// <summary>The cleaning of what they leave.</summary>
    public static JobCleaning CleaningOf(NodeOptions options, TimeProvider clock)
    {
        var works = Of(options, clock);
        return new JobCleaning(
            new JobStore(options.Database, options.Cluster, clock),
            (job, over) => works.FirstOrDefault(work => work.Kind == job.Definition.Kind)?.Leftovers(job, over) ?? [], clock);
    }
}
