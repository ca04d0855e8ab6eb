using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// A state during a pass, together with the analyzer that observes into it. Not thread-safe: one for each thread, then merge.
/// </summary>
abstract class PassState
{
    public abstract void Observe(in PassRows rows);

    /// <summary>The state of both operands' rows; neither changes.</summary>
    /// <param name="other">A state of an equal analyzer.</param>
    public abstract PassState Merge(PassState other);

    /// <summary>Whether keeping it keeps all of it.</summary>
    public abstract bool IsKeptWhole { get; }

    /// <param name="rows">The fingerprint of the rows that the state is of.</param>
    public abstract void Keep(AnalysisFolder kept, string rows);

    /// <summary>Writes all of it, for <see cref="Analyzer.Read"/>.</summary>
    public abstract void Write(Stream target);
}

sealed class PassState<TState>(Analyzer<TState> analyzer, TState state) : PassState
    where TState : class, IMergeable<TState>, IStoredState<TState>
{
    public TState State { get; } = state;

    public override void Observe(in PassRows rows) => analyzer.Observe(State, rows);

    public override PassState Merge(PassState other) =>
        new PassState<TState>(analyzer, State.Merge(((PassState<TState>)other).State));

    public override bool IsKeptWhole => analyzer.IsKeptWhole(State);

    public override void Keep(AnalysisFolder kept, string rows) => kept.Keep(rows, analyzer.Subject, State);

    public override void Write(Stream target) => analyzer.Write(target, State);
}
