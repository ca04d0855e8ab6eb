using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>A job in the terminal: its members' lines as they come, and how it and each of its workers stand, now and then.</summary>
sealed class JobTerminal(CommandSession session)
{
    // A line a second would drown what members have to say.
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // More would scroll away what else there is to see.
    const int MostWorkers = 8;

    string _said = "";
    long _saidAt;

    public void Line(JobLine line) => session.Remark($"{line.Member.PadRight(11)} | {line.Text}");

    public void Stands(JobRecord job, IReadOnlyList<JobMemberProgress> workers)
    {
        var text = job.State switch
        {
            JobState.Queued => job.Reason,
            JobState.Running => job.Progress,
            _ => "",
        };
        var time = session.Terminal.Time;
        if (text.Length > 0 && text != _said && (_saidAt == 0 || time.GetElapsedTime(_saidAt) >= Pause))
        {
            session.Remark($"{job.Definition.Id}: {text}");
            foreach (var worker in job.State == JobState.Running ? workers.Take(MostWorkers) : [])
            {
                session.Remark($"  {worker.Member}: {worker.Text}");
            }

            if (job.State == JobState.Running && workers.Count > MostWorkers)
            {
                session.Remark($"  and {workers.Count - MostWorkers} others: capstan cluster {job.Definition.Id}");
            }

            (_said, _saidAt) = (text, time.GetTimestamp());
        }
    }
}
