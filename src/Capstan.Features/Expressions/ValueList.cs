using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Capstan.Features;

/// <summary>An immutable list that compares by its elements, so that records holding one compare by value.</summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public sealed class ValueList<T>(ImmutableArray<T> items) : IEquatable<ValueList<T>>, IReadOnlyList<T>
{
    public ImmutableArray<T> Items { get; } = items;

    public int Count => Items.Length;

    public T this[int index] => Items[index];

    public bool Equals(ValueList<T>? other) =>
        ReferenceEquals(this, other) || (other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan()));

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    // The ends and the length tell lists apart well enough; hashing a vocabulary of millions would not be cheap.
    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, Items[0], Items[^1]);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

public static class ValueList
{
    public static ValueList<T> Create<T>(ReadOnlySpan<T> items) => new([.. items]);
}
