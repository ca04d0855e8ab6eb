using Capstan.Data;

namespace Capstan.Features;

/// <summary>The frozen form of what is found by key: the number at the key's place in a vocabulary.</summary>
static class KeyTable
{
    /// <summary>A key with fewer rows is as one never seen: what a handful of rows says is mostly chance.</summary>
    public static readonly FittedOption MinRows = FittedOption.Whole("min_rows", 10, 1, int.MaxValue);

    /// <param name="node">What the states were found for.</param>
    /// <param name="otherwise">For keys that are not in the table.</param>
    /// <exception cref="KeysFullException">There were more keys than are kept.</exception>
    public static Expr Of<TState>(
        FittedExpr node, Expr key, ByKey<TState> states, IEnumerable<(string Key, double Value)> table, double otherwise)
        where TState : class, IMergeable<TState>, IStoredState<TState>
    {
        Check(node, key, states);
        return Of(key, table, otherwise);
    }

    public static Expr Of(Expr key, IEnumerable<(string Key, double Value)> table, double otherwise)
    {
        var rows = table.ToArray();
        var terms = new FixedTerms([.. rows.Select(row => row.Key)], 1);
        return new PickExpr(new VocabularyExpr(key, terms), [.. rows.Select(row => row.Value), otherwise, otherwise]);
    }

    /// <exception cref="KeysFullException">There were more keys than are kept.</exception>
    public static void Check<TState>(FittedExpr node, Expr key, ByKey<TState> states)
        where TState : class, IMergeable<TState>, IStoredState<TState>
    {
        if (states.IsFull)
        {
            throw new KeysFullException(node.ToString(), key.ToString(), states.MaxKeys);
        }
    }
}

/// <summary>What is found by key has more keys than are kept.</summary>
public sealed class KeysFullException(string expression, string key, int limit) : Exception(
    $"In '{expression}': '{key}' has more than {limit:N0} distinct values (or they are very long), too many to find anything " +
        $"by " +
    $"each of them. Take a coarser key, such as substring({key}, 0, 3), or group the rare ones: if(count_by({key}) < 100, " +
        $"'rare', {key}).")
{
    public string Key { get; } = key;

    public int Limit { get; } = limit;
}
