using System.Collections.Immutable;

namespace Capstan.Features;

/// <summary>How a model sees a feature.</summary>
public enum FeatureKind : byte
{
    /// <summary>A finite single-precision number.</summary>
    Numeric = 1,

    /// <summary>
    /// A number from 0 to cardinality − 1 that names a category; missing and unknown values have categories of their own.
    /// </summary>
    Category = 2,
}

/// <param name="Name">The feature's name in the pipeline; of an element of a vector, FEATURE[TERM].</param>
/// <param name="Kind">Numeric or category.</param>
/// <param name="Cardinality">How many categories there are; 0 for a numeric feature.</param>
public readonly record struct FeatureSpec(string Name, FeatureKind Kind, int Cardinality)
{
    public static FeatureSpec Numeric(string name) => new(name, FeatureKind.Numeric, 0);

    public static FeatureSpec Category(string name, int cardinality) => new(name, FeatureKind.Category, cardinality);
}

/// <summary>
/// The features a transform produces and a model consumes: numeric ones first, then categories, each in pipeline order.
/// </summary>
public sealed class FeatureLayout : IEquatable<FeatureLayout>
{
    public FeatureLayout(IEnumerable<FeatureSpec> features)
    {
        var all = features.ToArray();
        Numerics = [.. all.Where(spec => spec.Kind == FeatureKind.Numeric)];
        Categories = [.. all.Where(spec => spec.Kind == FeatureKind.Category)];
        if (Categories.FirstOrDefault(spec => spec.Cardinality < 1) is { Name: not null } empty)
        {
            throw new ArgumentException(
                $"Feature '{empty.Name}' has {empty.Cardinality} categories; at least 1 is needed.", nameof(features));
        }

        CategoryOffsets = [.. Categories.Aggregate(new List<long> { 0 }, (sums, spec) => [.. sums, sums[^1] + spec.Cardinality])];
    }

    public ImmutableArray<FeatureSpec> Numerics { get; }

    public ImmutableArray<FeatureSpec> Categories { get; }

    /// <summary>
    /// [Categories.Length + 1] where each feature's categories begin if all are numbered through; the last is their total.
    /// </summary>
    public ImmutableArray<long> CategoryOffsets { get; }

    public bool Equals(FeatureLayout? other) =>
        other is not null && Numerics.AsSpan().SequenceEqual(other.Numerics.AsSpan()) &&
            Categories.AsSpan().SequenceEqual(other.Categories.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as FeatureLayout);

    public override int GetHashCode() => HashCode.Combine(Numerics.Length, Categories.Length, CategoryOffsets[^1]);
}
