using System.Collections.Immutable;
using System.Globalization;
using Capstan.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Capstan.Models.OnnxRuntime;

/// <summary>An input of an ONNX model: for each row one number or text, or several.</summary>
/// <param name="Dimensions">The first counts rows, unless it is the only one and fixed; −1 where any size is taken.</param>
sealed record OnnxInput(string Name, TensorElementType Type, ImmutableArray<int> Dimensions)
{
    /// <exception cref="ArgumentException">It is no tensor of rows of numbers, truths or texts.</exception>
    public static OnnxInput Of(string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
        {
            throw new ArgumentException(
                $"Its input '{name}' is no tensor but a {metadata.OnnxValueType}; columns make tensors only.");
        }

        var input = new OnnxInput(name, metadata.ElementDataType, [.. metadata.Dimensions]);
        if (input.Dimensions.IsEmpty || input.Dimensions.Skip(1).Count(size => size < 0) > 1)
        {
            throw new ArgumentException(
                $"Its input '{name}' has the shape {input.ShapeText}; " +
                "expected rows first, and then sizes of which at most one is open.");
        }

        _ = input.ColumnType;
        return input;
    }

    /// <summary>Whether its first dimension counts rows.</summary>
    public bool HasRows => Dimensions.Length > 1 || Dimensions[0] < 0;

    /// <summary>How many rows it takes at a time; null for any number.</summary>
    public int? Rows => !HasRows ? 1 : Dimensions[0] < 0 ? null : Dimensions[0];

    /// <summary>How many values a row has; null for any number.</summary>
    public int? Width =>
        RowSizes.Any(size => size < 0) ? null : RowSizes.Aggregate(1, (product, size) => checked(product * size));

    /// <summary>What a raw column holds for it.</summary>
    /// <exception cref="ArgumentException">No column holds such values.</exception>
    public DataType ColumnType => Type switch
    {
        TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 => DataType.Float64,
        TensorElementType.Int64 or TensorElementType.Int32 or TensorElementType.Int16 or TensorElementType.Int8 or
            TensorElementType.UInt8 or TensorElementType.UInt16 or TensorElementType.UInt32 => DataType.Int64,
        TensorElementType.Bool => DataType.Boolean,
        TensorElementType.String => DataType.Text,
        _ => throw new ArgumentException($"Its input '{Name}' takes {Type}; numbers, truths and texts are what columns hold."),
    };

    public bool IsText => Type == TensorElementType.String;

    /// <summary>Whether a raw column of a type can be given to it without losing anything that matters.</summary>
    public bool Takes(DataType type) => (ColumnType, type) switch
    {
        (var own, var other) when own == other => true,
        (DataType.Float64, DataType.Int64 or DataType.Boolean) => true,
        (DataType.Int64, DataType.Boolean) => true,
        _ => Type == TensorElementType.Int64 && type == DataType.Timestamp,
    };

    /// <summary>The sizes of the tensor for some rows of so many values.</summary>
    public long[] Shape(int rows, int width)
    {
        var known = RowSizes.Where(size => size >= 0).Aggregate(1, (product, size) => product * size);
        var sizes = RowSizes.Select(size => (long)(size >= 0 ? size : width / Math.Max(known, 1)));
        return HasRows ? [rows, .. sizes] : [.. sizes];
    }

    /// <summary>For people: float[?, 4].</summary>
    public override string ToString() => $"'{Name}' {Type.ToString().ToLowerInvariant()}{ShapeText}";

    string ShapeText =>
        $"[{string.Join(", ", Dimensions.Select(size => size < 0 ? "?" : size.ToString(CultureInfo.InvariantCulture)))}]";

    IEnumerable<int> RowSizes => HasRows ? Dimensions.Skip(1) : Dimensions;
}
