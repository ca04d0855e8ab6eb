using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>A job in the terminal: its members' lines as they come, and how it stands, now and then.</summary>
sealed class JobTerminal(CommandSession session)
{
    // A line a second would drown what members have to say.
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    string _said = "";
    long _saidAt;

    public void Line(JobLine line) => session.Remark($"{line.Member.PadRight(11)} | {line.Text}");

    public void Stands(JobRecord job)
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
            (_said, _saidAt) = (text, time.GetTimestamp());
        }
    }
}
