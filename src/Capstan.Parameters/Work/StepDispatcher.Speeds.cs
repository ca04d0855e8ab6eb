namespace Capstan.Parameters;

/// <summary>How quick the workers of a step are, and what follows from it.</summary>
sealed partial class StepDispatcher
{
    // A part more than its share must not make a worker this much later than the step.
    const double Slack = 1.2;

    // Of the newest time of a part in the estimate of a worker's speed; and of one that is late compared with the quickest, which is believed sooner.
    const double Newest = 0.2;
    const double NewestLate = 0.7;

    /// <summary>Notes how long a worker took.</summary>
    public void Timed(int worker, int parts, double seconds)
    {
        if (_members.TryGetValue(worker, out var member))
        {
            var each = seconds / parts;
            var weight = !member.IsTimed ? 1 : each > Late * Quickest() ? NewestLate : Newest;
            member.PartSeconds += weight * (each - member.PartSeconds);
            (member.IsTimed, member.IsAtWork) = (true, false);
        }
    }

    double Quickest()
    {
        var quickest = double.PositiveInfinity;
        foreach (var member in _members.Values)
        {
            quickest = member.PartSeconds > 0 ? Math.Min(quickest, member.PartSeconds) : quickest;
        }

        return quickest;
    }

    /// <summary>
    /// How many parts of the step a worker should have: in proportion to its speed, and no more than it can do while the others
    /// do theirs. One that could not do a single part in that time gets none, and only repeats.
    /// </summary>
    /// <param name="exact">The share in proportion to speed.</param>
    /// <param name="stepSeconds">What the step should take in all; 0 while that is unknown.</param>
    int Share(Member member, out double exact, out double stepSeconds)
    {
        if (member.PartSeconds == 0)
        {
            (exact, stepSeconds) = (_received.Length / (double)_members.Count, 0);
            return Math.Max(1, (int)Math.Ceiling(exact));
        }

        stepSeconds = StepSeconds(member.PartSeconds, out var speeds);
        exact = _received.Length / (speeds * member.PartSeconds);
        var most = (int)(Slack * stepSeconds / member.PartSeconds);
        return Math.Min(most, Math.Max(1, (int)Math.Round(exact)));
    }

    /// <summary>What the step should take in all.</summary>
    /// <param name="unknown">Seconds for a part of whoever has not been timed.</param>
    double StepSeconds(double unknown, out double speeds)
    {
        (speeds, var count) = (0.0, 0);
        foreach (var other in _members.Values)
        {
            // Whoever is still at a step before the last is not waited for.
            if (!other.IsAtWork || other.LastStep >= _step - 1)
            {
                speeds += 1 / (other.PartSeconds > 0 ? other.PartSeconds : unknown);
                count++;
            }
        }

        // Where there are more workers than parts, a step takes what a part takes the usual one.
        return Math.Max(count, _received.Length) / speeds;
    }

    /// <summary>Seconds after which a run is late; infinite where that can't be told, or it is being repeated.</summary>
    /// <remarks>A worker known to be slow is waited for no longer than the others: its run has been cut to what it can do while they work.</remarks>
    double LateAfter(Run run)
    {
        if (run.IsRepeated || !_members.TryGetValue(run.Worker, out var member) || member.PartSeconds == 0)
        {
            return double.PositiveInfinity;
        }

        return Late * Math.Min(member.PartSeconds * run.Count, StepSeconds(member.PartSeconds, out _));
    }

    sealed class Member
    {
        /// <summary>Seconds for a part, by estimate; 0 before the first.</summary>
        public double PartSeconds;

        /// <summary>Whether that is its own, not what the others take.</summary>
        public bool IsTimed;

        /// <summary>That of which it last took parts, and which.</summary>
        public long LastStep = -2;

        public int First;

        public int Count;

        /// <summary>Whether it has not been heard of since.</summary>
        public bool IsAtWork;
    }
}
