using System.Buffers.Binary;
using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// The features of some rows that stand for all: what attributions are relative to. A model keeps a uniform sample of its
/// training rows. Immutable.
/// </summary>
public sealed class ReferenceRows
{
    /// <summary>The most that an artifact holds.</summary>
    public const int MaxStored = 1024;

    readonly float[] _numerics;
    readonly int[] _categories;

    readonly ColumnBatch? _passed;

    ReferenceRows(FeatureLayout layout, int rowCount, float[] numerics, int[] categories, ColumnBatch? passed) =>
        (Layout, RowCount, _numerics, _categories, _passed) = (layout, rowCount, numerics, categories, passed);

    /// <summary>Copies rows.</summary>
    /// <exception cref="ArgumentException">There is no row, or a category is not below its feature's cardinality.</exception>
    public static ReferenceRows Of(FeatureBuffer features)
    {
        var (layout, rows) = (features.Layout, features.RowCount);
        var numerics = new float[layout.Numerics.Length * rows];
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            features.Numeric(index).CopyTo(numerics.AsSpan(index * rows));
        }

        var categories = new int[layout.Categories.Length * rows];
        for (var index = 0; index < layout.Categories.Length; index++)
        {
            features.Category(index).CopyTo(categories.AsSpan(index * rows));
        }

        return Checked(layout, rows, numerics, categories, layout.Passed.Fields.IsEmpty ? null : CopyOfPassed(features));
    }

    public FeatureLayout Layout { get; }

    /// <summary>At least 1.</summary>
    public int RowCount { get; }

    /// <summary>[RowCount] the values of a numeric feature.</summary>
    public ReadOnlySpan<float> Numeric(int index) => _numerics.AsSpan(index * RowCount, RowCount);

    /// <summary>[RowCount] the categories of a category feature.</summary>
    public ReadOnlySpan<int> Category(int index) => _categories.AsSpan(index * RowCount, RowCount);

    /// <summary>The columns that are passed on.</summary>
    /// <exception cref="InvalidOperationException">The layout has none.</exception>
    public ColumnBatch Passed =>
        _passed ?? throw new InvalidOperationException("These features have no columns that are passed on.");

    /// <summary>A numeric feature's mean.</summary>
    public double Mean(int index)
    {
        var sum = 0.0;
        foreach (var value in Numeric(index))
        {
            sum += value;
        }

        return sum / RowCount;
    }

    /// <summary>Writes the rows; the layout is the transform's.</summary>
    internal void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, _passed is null ? 3 : 4);
        fields.Number(1, RowCount);
        fields.Bytes(2, FloatBytes.Of(_numerics));
        var categories = new byte[_categories.Length * 4];
        for (var index = 0; index < _categories.Length; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(categories.AsSpan(index * 4), _categories[index]);
        }

        fields.Bytes(3, categories);
        if (_passed is not null)
        {
            writer.WriteInt32(4);
            BatchCodec.Write(writer, _passed);
        }

        fields.End();
    }

    internal static ReferenceRows ReadFrom(CborReader reader, FeatureLayout layout)
    {
        var count = layout.Passed.Fields.IsEmpty ? 3 : 4;
        var fields = new StateReader(reader, nameof(ReferenceRows), count);
        var rows = (int)fields.Number(1, 1, MaxStored);
        var numerics = FloatBytes.Read(fields.BytesInPlace(2, int.MaxValue));
        fields.Check(
            numerics.Length == (long)layout.Numerics.Length * rows, $"it has {numerics.Length:N0} numbers for {rows:N0} rows");
        fields.Check(numerics.All(float.IsFinite), "a number is not finite");
        var bytes = fields.Bytes(3, int.MaxValue);
        fields.Check(
            bytes.Length == layout.Categories.Length * 4L * rows,
            $"it has {bytes.Length:N0} bytes of categories for {rows:N0} rows");
        var passed = count == 3 ? null : ReadPassed(fields, reader, layout.Passed, rows);
        fields.End();
        var categories = new int[bytes.Length / 4];
        for (var index = 0; index < categories.Length; index++)
        {
            categories[index] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(index * 4));
        }

        return Checked(layout, rows, [.. numerics], categories, passed);
    }

    static ColumnBatch ReadPassed(in StateReader fields, CborReader reader, Schema expected, int rows)
    {
        fields.Check(reader.ReadInt32() == 4, "its columns that are passed on are missing");
        var passed = BatchCodec.Read(reader);
        fields.Check(
            passed.Schema.Equals(expected) && passed.RowCount == rows,
            $"it has {passed.RowCount:N0} rows of {passed.Schema}, expected {rows:N0} of {expected}");
        return passed;
    }

    static ColumnBatch CopyOfPassed(FeatureBuffer features)
    {
        var copy = new BatchBuilder(features.Layout.Passed);
        foreach (var (field, column) in features.Layout.Passed.Fields.Zip(copy.Columns))
        {
            column.AppendRange(features.Passed[field.Name], 0, features.RowCount);
        }

        return copy.Batch;
    }

    static ReferenceRows Checked(FeatureLayout layout, int rows, float[] numerics, int[] categories, ColumnBatch? passed)
    {
        if (rows == 0)
        {
            throw new ArgumentException("There is no reference row; attributions need at least one to be relative to.");
        }

        for (var place = 0; place < categories.Length; place++)
        {
            var spec = layout.Categories[place / rows];
            if ((uint)categories[place] >= (uint)spec.Cardinality)
            {
                throw new ArgumentException(
                    $"Reference row {place % rows} has category {categories[place]} in feature '{spec.Name}', " +
                    $"whose categories are 0 to {spec.Cardinality - 1}.");
            }
        }

        return new ReferenceRows(layout, rows, numerics, categories, passed);
    }
}
