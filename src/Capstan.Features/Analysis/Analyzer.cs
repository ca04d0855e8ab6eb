using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What a pass finds out: a mergeable state over the values that some operands have in a row. Compares by value, so that nodes
/// which need the same state of the same operands share it.
/// </summary>
/// <param name="Numbers">The operands that are wanted as they are: numbers (a truth is 1 or 0) or lists.</param>
/// <param name="Texts">The operands that are wanted as texts (a number as <see cref="CategoryText"/> writes it).</param>
abstract record Analyzer(ValueList<Expr> Numbers, ValueList<Expr> Texts)
{
    /// <summary>The state of no rows, to observe into.</summary>
    public abstract PassState Begin();

    /// <summary>The state of these rows where it is known without reading them, or null.</summary>
    /// <param name="rows">The rows' fingerprint.</param>
    /// <param name="known">Statistics of the same rows.</param>
    /// <param name="kept">States of earlier passes.</param>
    public abstract PassState? Find(string rows, TableStatistics? known, AnalysisFolder? kept);

    /// <summary>A whole state that another process wrote.</summary>
    /// <exception cref="CorruptStateException">The bytes are none of this analyzer's.</exception>
    public abstract PassState Read(Stream source);
}

/// <summary>
/// An analyzer with this kind of state. A new one says how a tile's rows are observed; whatever else a state needs is here.
/// </summary>
abstract record Analyzer<TState>(ValueList<Expr> Numbers, ValueList<Expr> Texts) : Analyzer(Numbers, Texts)
    where TState : class, IMergeable<TState>, IStoredState<TState>
{
    /// <summary>
    /// What a kept state is of, next to its kind: the operands' text. An analyzer whose state depends on more than its operands
    /// adds that.
    /// </summary>
    public virtual string Subject => string.Join('\n', Numbers.Concat(Texts));

    public abstract void Observe(TState state, in PassRows rows);

    /// <summary>
    /// Whether a kept state is all of the state; one of which only the result is kept serves no larger set of rows.
    /// </summary>
    public virtual bool IsKeptWhole(TState state) => true;

    /// <summary>Writes all of a state, for <see cref="Read"/>.</summary>
    public virtual void Write(Stream target, TState state) => SplitTask.Write(target, state);

    /// <inheritdoc cref="Read"/>
    protected virtual TState ReadState(Stream source) => SplitTask.Read<TState>(source);

    public sealed override PassState Read(Stream source) => new PassState<TState>(this, ReadState(source));

    /// <summary>A state of no rows.</summary>
    protected virtual TState Empty => TState.Empty;

    /// <summary>
    /// The state as a column's statistics have it, where this analyzer's only operand is that column; null where they have not.
    /// </summary>
    protected virtual TState? From(ColumnStatistics column) => null;

    public sealed override PassState Begin() => new PassState<TState>(this, Empty);

    public sealed override PassState? Find(string rows, TableStatistics? known, AnalysisFolder? kept)
    {
        var only = Numbers.Concat(Texts).Take(2).ToArray();
        var state = known is not null && only is [ColumnExpr column] && known.Schema.IndexOf(column.Name) >= 0
            ? From(known[column.Name]) : null;
        return (state ?? kept?.Find<TState>(rows, Subject)) is { } found ? new PassState<TState>(this, found) : null;
    }
}
