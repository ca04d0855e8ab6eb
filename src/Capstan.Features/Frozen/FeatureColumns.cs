using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The features of a source's rows as columns, named as in the layout: numeric ones as numbers, categories as integers from 0 to
/// cardinality − 1, all present; columns that are passed on as they are. After raw columns that are kept.
/// </summary>
/// <param name="Keep">The raw columns that come first.</param>
/// <param name="Features">The names of the others: first the numeric ones.</param>
sealed record FeatureColumns(Schema Schema, ImmutableArray<string> Keep, ImmutableArray<string> Features)
{
    /// <exception cref="UnknownColumnException">
    /// The source lacks a column that the transform reads or that is to be kept.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A column to keep is named twice or like a feature, or a column has another type than the transform reads.
    /// </exception>
    public static FeatureColumns Of(Schema raw, FrozenTransform transform, IReadOnlyList<string> keep)
    {
        foreach (var field in transform.Input.Fields.Where(field => raw[field.Name] != field))
        {
            throw new ArgumentException(
                $"Column '{field.Name}' is {Schema.NameOf(raw[field.Name].Type)}; " +
                $"the features are made from one of type {Schema.NameOf(field.Type)}. Declare the column's type.",
                nameof(raw));
        }

        Field[] fields =
        [
            .. keep.Select(name => raw[name]),
            .. transform.Output.Numerics.Select(feature => new Field(feature.Name, DataType.Float64)),
            .. transform.Output.Categories.Select(feature => new Field(feature.Name, DataType.Int64)),
            .. transform.Output.Passed.Fields,
        ];
        return fields.GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new ArgumentException(
                $"The column '{twice.Key}' would be there twice, as a raw column and as a feature, or kept twice; " +
                "keep it once, or give the feature another name.", nameof(keep))
            : new FeatureColumns(new Schema(fields), [.. keep], [.. fields.Skip(keep.Count).Select(field => field.Name)]);
    }
}
