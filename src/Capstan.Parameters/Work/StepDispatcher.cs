namespace Capstan.Parameters;

/// <summary>
/// Shares out the parts of one step at a time: a run of parts for each worker that is there, the longer the faster it is. A
/// worker that has nothing to do while another is late repeats what that one is at, and the first result counts.
/// </summary>
/// <param name="backups">How many such repetitions may be under way.</param>
/// <remarks>
/// Source: J. Chen et al., "Revisiting distributed synchronous SGD", 2016 (backup workers). There a step takes the first N
/// gradients of N + b and drops the rest; here nothing is dropped, since every part has to be learned from.
/// </remarks>
sealed class StepDispatcher(int backups) : IWorkDispatcher
{
    // A run is late after twice the time that its worker should have taken.
    const double Late = 2;

    // A run that has not come back by then is given to another for good.
    const double LostSeconds = 10;

    // A part more than its share must not make a worker this much later than the step.
    const double Slack = 1.2;

    // A worker that gets nothing to do is believed to recover, by this factor a step.
    const double Forgiven = 0.99;

    // Of the newest time of a part in the estimate of a worker's speed.
    const double Newest = 0.2;

    readonly Dictionary<int, Member> _members = [];
    readonly List<Run> _runs = [];
    long _step = -1;
    bool[] _received = [];
    int _missing;
    double _lastChange;

    /// <summary>Workers that have taken work, and have not left.</summary>
    public int WorkerCount => _members.Count;

    /// <summary>Runs that were late and given to another worker, too.</summary>
    public long Repetitions { get; private set; }

    /// <summary>Begins a step of so many parts.</summary>
    public void Begin(long step, int parts)
    {
        foreach (var member in _members.Values)
        {
            member.PartSeconds *= member.LastStep < _step ? Forgiven : 1;
        }

        _step = step;
        Array.Resize(ref _received, parts);
        Array.Clear(_received);
        _missing = parts;
        _runs.Clear();
    }

    public WorkLease? Take(int worker, double now)
    {
        if (!_members.TryGetValue(worker, out var member))
        {
            member = new Member { PartSeconds = _members.Count == 0 ? 0 : _members.Values.Average(other => other.PartSeconds) };
            _members.Add(worker, member);
        }

        if (_missing == 0)
        {
            return null;
        }

        if (FirstFree() is >= 0 and var first)
        {
            var share = Share(member, out var stepSeconds);
            if (share == 0 && now - _lastChange <= Late * stepSeconds)
            {
                return Repeat(worker, now);
            }

            // Whoever was thought to be faster does not do it: better late than never.
            var count = Math.Min(Math.Max(share, 1), FreeFrom(first));
            member.LastStep = _step;
            _lastChange = now;
            _runs.Add(new Run(worker, first, count, now));
            return new WorkLease(_step, first, count);
        }

        return Repeat(worker, now);
    }

    public void Receive(in WorkLease done, double now)
    {
        _lastChange = now;
        if (done.Step != _step)
        {
            return;
        }

        for (var part = done.FirstPart; part < done.FirstPart + done.PartCount; part++)
        {
            if (!_received[part])
            {
                _received[part] = true;
                _missing--;
            }
        }
    }

    /// <summary>Notes how long a worker took.</summary>
    public void Timed(int worker, int parts, double seconds)
    {
        if (_members.TryGetValue(worker, out var member))
        {
            var each = seconds / parts;
            member.PartSeconds = member.IsTimed ? member.PartSeconds + Newest * (each - member.PartSeconds) : each;
            member.IsTimed = true;
        }
    }

    public void Leave(int worker)
    {
        _members.Remove(worker);
        _runs.RemoveAll(run => run.Worker == worker);
    }

    /// <summary>
    /// How many parts of the step a worker should have: in proportion to its speed, and no more than it can do while the others
    /// do theirs. One that could not do a single part in that time gets none, and only repeats.
    /// </summary>
    /// <param name="stepSeconds">What the step should take in all; 0 while that is unknown.</param>
    int Share(Member member, out double stepSeconds)
    {
        stepSeconds = 0;
        if (member.PartSeconds == 0)
        {
            return Math.Max(1, (_received.Length + _members.Count - 1) / _members.Count);
        }

        var speeds = 0.0;
        foreach (var other in _members.Values)
        {
            speeds += 1 / (other.PartSeconds > 0 ? other.PartSeconds : member.PartSeconds);
        }

        // Where there are more workers than parts, a step takes what a part takes the usual one.
        stepSeconds = Math.Max(_members.Count, _received.Length) / speeds;
        var most = (int)(Slack * stepSeconds / member.PartSeconds);
        return Math.Min(most, Math.Max(1, (int)Math.Round(_received.Length / (speeds * member.PartSeconds))));
    }

    int FirstFree()
    {
        for (var part = 0; part < _received.Length; part++)
        {
            if (!_received[part] && !IsUnderWay(part))
            {
                return part;
            }
        }

        return -1;
    }

    int FreeFrom(int first)
    {
        var end = first;
        while (end < _received.Length && !_received[end] && !IsUnderWay(end))
        {
            end++;
        }

        return end - first;
    }

    bool IsUnderWay(int part)
    {
        foreach (var run in _runs)
        {
            if (part >= run.First && part < run.First + run.Count)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// One of the runs that others are at, if it is late and may be repeated, or is held for so long that its worker must be
    /// lost.
    /// </summary>
    WorkLease? Repeat(int worker, double now)
    {
        var mayRepeat = _runs.Count(run => run.IsRepeated) < backups;
        for (var index = 0; index < _runs.Count; index++)
        {
            var run = _runs[index];
            var expected = _members.TryGetValue(run.Worker, out var member) ? member.PartSeconds * run.Count : 0;
            var isLate = mayRepeat && !run.IsRepeated && expected > 0 && now - run.Since > Late * expected;
            if (run.Worker != worker && IsMissing(run) && (isLate || now - run.Since > LostSeconds))
            {
                _runs[index] = isLate ? run with { IsRepeated = true } : run with { Worker = worker, Since = now };
                Repetitions++;
                return new WorkLease(_step, run.First, run.Count);
            }
        }

        return null;
    }

    bool IsMissing(Run run)
    {
        for (var part = run.First; part < run.First + run.Count; part++)
        {
            if (!_received[part])
            {
                return true;
            }
        }

        return false;
    }

    readonly record struct Run(int Worker, int First, int Count, double Since, bool IsRepeated = false);

    sealed class Member
    {
        /// <summary>Seconds for a part, by estimate; 0 before the first.</summary>
        public double PartSeconds;

        /// <summary>Whether that is its own, not what the others take.</summary>
        public bool IsTimed;

        public long LastStep;
    }
}
