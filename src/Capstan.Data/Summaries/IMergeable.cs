namespace Capstan.Data;

/// <summary>
/// A small state computed over rows, such that states of parts merge into the state of the whole. Laws: merging is
/// commutative and associative, <see cref="Empty"/> is neutral, and merging the states of any split of the rows says the
/// same as one pass over all of them (counts exactly; moments and sketches within their stated error).
/// </summary>
/// <remarks>Observing changes a state in place; merging does not. Not thread-safe: one state per thread, then merge.</remarks>
public interface IMergeable<TSelf>
    where TSelf : IMergeable<TSelf>
{
    /// <summary>The state of no rows: a fresh one on every call, which the caller may observe into.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>The state of both operands' rows, as a new object; neither operand changes.</summary>
    TSelf Merge(TSelf other);
}
