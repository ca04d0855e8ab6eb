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
sealed partial class StepDispatcher(int backups) : IWorkDispatcher
{
    // A run is late after twice the time that its worker should have taken.
    const double Late = 2;

    // A run that has not come back by then is given to another for good.
    const double LostSeconds = 10;

    // A worker that gets nothing to do is believed to recover, by this factor a step.
    const double Forgiven = 0.99;

    // By how many parts a worker's share may differ from the last one, and it gets the same parts again: it has asked for their rows already.
    const double SameShare = 0.6;

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
        if (_members.TryGetValue(worker, out var member))
        {
            member.IsAtWork = false;
        }
        else
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
            var share = Share(member, out var exact, out var stepSeconds);
            if (share == 0 && now - _lastChange <= Late * stepSeconds)
            {
                return Repeat(worker, now);
            }

            // Whoever was thought to be faster does not do it: better late than never.
            var count = Math.Min(Math.Max(share, 1), FreeFrom(first));
            if (member.LastStep == _step - 1 && Math.Abs(exact - member.Count) <= SameShare && FreeFrom(member.First) >= member.Count)
            {
                (first, count) = (member.First, member.Count);
            }

            (member.LastStep, member.First, member.Count, member.IsAtWork, _lastChange) = (_step, first, count, true, now);
            _runs.Add(new Run(worker, first, count, now));
            return new WorkLease(_step, first, count);
        }

        return Repeat(worker, now);
    }

    public double NextChance(int worker, double now)
    {
        var soonest = double.PositiveInfinity;
        if (_missing > 0 && FirstFree() >= 0 && _members.TryGetValue(worker, out var member))
        {
            Share(member, out _, out var stepSeconds);
            soonest = _lastChange + Late * stepSeconds - now;
        }

        var mayRepeat = _runs.Count(run => run.IsRepeated) < backups;
        foreach (var run in _runs)
        {
            if (run.Worker != worker && IsMissing(run))
            {
                soonest = Math.Min(soonest, run.Since + (mayRepeat ? Math.Min(LateAfter(run), LostSeconds) : LostSeconds) - now);
            }
        }

        return soonest;
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

    public void Leave(int worker)
    {
        _members.Remove(worker);
        _runs.RemoveAll(run => run.Worker == worker);
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
            if (run.Worker == worker || !IsMissing(run))
            {
                continue;
            }

            var isLate = mayRepeat && now - run.Since > LateAfter(run);
            if (isLate || now - run.Since > LostSeconds)
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
}
