using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// Which job is next: of the project that has the fewest running (a project's thousand jobs do not keep another's single one
/// waiting); of several such, of the one whose first job waits longest. Within a project by priority, then by age.
/// </summary>
static class FairQueue
{
    /// <param name="running">The project of each job that runs.</param>
    /// <returns>Null: nothing waits.</returns>
    public static WorkItem? Next(IEnumerable<WorkItem> waiting, IEnumerable<string> running)
    {
        var counts = running.CountBy(project => project).ToDictionary();
        return waiting
            .GroupBy(item => item.Project)
            .Select(project => project.OrderByDescending(item => item.Priority).ThenBy(item => item.Sequence).First())
            .OrderBy(item => counts.GetValueOrDefault(item.Project))
            .ThenBy(item => item.Sequence)
            .FirstOrDefault();
    }
}
