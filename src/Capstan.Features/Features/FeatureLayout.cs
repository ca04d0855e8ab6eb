using System.Collections.Immutable;
using Capstan.Data;

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

    /// <summary>A raw column, handed on as it is: what models that were trained elsewhere may take.</summary>
    Passed = 3,
}

/// <param name="Name">The feature's name in the pipeline; of an element of a vector, FEATURE[TERM].</param>
/// <param name="Kind">Numeric, category or passed.</param>
/// <param name="Cardinality">How many categories there are; 0 for other features.</param>
public readonly record struct FeatureSpec(string Name, FeatureKind Kind, int Cardinality)
{
    public static FeatureSpec Numeric(string name) => new(name, FeatureKind.Numeric, 0);

    public static FeatureSpec Category(string name, int cardinality) => new(name, FeatureKind.Category, cardinality);

    public static FeatureSpec Passed(string column) => new(column, FeatureKind.Passed, 0);
}

/// <summary>
/// The features a transform produces and a model consumes: numeric ones first, then categories, each in pipeline order; then raw
/// columns that are passed on.
/// </summary>
public sealed class FeatureLayout : IEquatable<FeatureLayout>
{
    static readonly Schema NoColumns = new([]);

    /// <param name="features">Numbers and categories.</param>
    /// <param name="passed">Raw columns that the model gets as they are; null for none, as in all models that are trained here.</param>
    public FeatureLayout(IEnumerable<FeatureSpec> features, Schema? passed = null)
    {
        Passed = passed ?? NoColumns;
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

    /// <summary>Raw columns that the model gets as they are.</summary>
    public Schema Passed { get; }

    /// <summary>All of them: numbers, categories, columns passed on.</summary>
    public IEnumerable<FeatureSpec> All => [.. Numerics, .. Categories, .. Passed.Names.Select(FeatureSpec.Passed)];

    /// <summary>
    /// [Categories.Length + 1] where each feature's categories begin if all are numbered through; the last is their total.
    /// </summary>
    public ImmutableArray<long> CategoryOffsets { get; }

    public bool Equals(FeatureLayout? other) =>
        other is not null && Numerics.AsSpan().SequenceEqual(other.Numerics.AsSpan()) &&
            Categories.AsSpan().SequenceEqual(other.Categories.AsSpan()) && Passed.Equals(other.Passed);

    public override bool Equals(object? obj) => Equals(obj as FeatureLayout);

    public override int GetHashCode() => HashCode.Combine(Numerics.Length, Categories.Length, CategoryOffsets[^1]);
}
