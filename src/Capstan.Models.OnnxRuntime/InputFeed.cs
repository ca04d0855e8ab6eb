using Capstan.Data;
using Capstan.Features;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Capstan.Models.OnnxRuntime;

/// <summary>
/// Makes the tensor of one input from rows of features, with memory of its own. Where a batch is fixed and rows are too few,
/// zeros and
/// empty texts stand for the others.
/// </summary>
abstract class InputFeed(OnnxInput input)
{
    protected OnnxInput Input => input;

    /// <param name="cells">The input's values of a row, one after another.</param>
    /// <param name="flag">The name of a boolean input that tells what is missing; null for none.</param>
    public static InputFeed Of(OnnxInput input, FeatureCells[] cells, string? flag)
    {
        return input.Type switch
        {
            TensorElementType.String when cells is [{ Type: DataType.TextList }] => new Lists(input, cells[0]),
            TensorElementType.String => new Texts(input, cells, flag),
            TensorElementType.Float => Fractions(value => (float)value),
            TensorElementType.Double => Fractions(value => value),
            TensorElementType.Float16 => Fractions(value => (Float16)(float)value),
            TensorElementType.Int64 => Integers(value => value),
            TensorElementType.Int32 => Integers(value => (int)value),
            TensorElementType.Int16 => Integers(value => (short)value),
            TensorElementType.Int8 => Integers(value => (sbyte)value),
            TensorElementType.UInt8 => Integers(value => (byte)value),
            TensorElementType.UInt16 => Integers(value => (ushort)value),
            TensorElementType.UInt32 => Integers(value => (uint)value),
            _ => Integers(value => value != 0),
        };

        // What is missing is NaN in fractions, and needs no flag.
        InputFeed Fractions<T>(Func<double, T> convert)
            where T : unmanaged => new Numbers<double, T>(
                input, cells, (cell, features, first, values) => cell.CopyNumbers(features, first, values), convert, null);

        InputFeed Integers<T>(Func<long, T> convert)
            where T : unmanaged => new Numbers<long, T>(
                input, cells, (cell, features, first, values) => cell.CopyIntegers(features, first, values), convert, flag);
    }

    /// <param name="first">The first of <paramref name="count"/> rows.</param>
    /// <param name="rows">How many rows the tensor has, at least <paramref name="count"/>.</param>
    /// <param name="tensors">By name; the caller disposes of them. What they show is valid until the next call.</param>
    public abstract void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors);

    /// <summary>A tensor [rows × 1] of what is missing, where anything is.</summary>
    static void Flag(
        string? name, FeatureCells[] cells, FeatureBuffer features, int first, int count, int rows,
        Dictionary<string, OrtValue> tensors)
    {
        if (name is null || cells[0].ColumnOf(features) is not { MissingCount: > 0 } column)
        {
            return;
        }

        var missing = new bool[rows];
        for (var row = 0; row < count; row++)
        {
            missing[row] = !column.IsPresent(first + row);
        }

        tensors.Add(name, OrtValue.CreateTensorValueFromMemory(missing, [rows, 1]));
    }

    /// <summary>Numbers [rows × cells], from what a cell gives for each row.</summary>
    sealed class Numbers<TCell, T>(OnnxInput input, FeatureCells[] cells, CellCopy<TCell> copy, Func<TCell, T> convert, string? flag) : InputFeed(input)
        where T : unmanaged
    {
        TCell[] _column = [];
        T[] _values = [];

        public override void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors)
        {
            Room(ref _column, count);
            Room(ref _values, rows * cells.Length);
            for (var index = 0; index < cells.Length; index++)
            {
                copy(cells[index], features, first, _column.AsSpan(0, count));
                for (var row = 0; row < count; row++)
                {
                    _values[row * cells.Length + index] = convert(_column[row]);
                }
            }

            tensors.Add(Input.Name, OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, _values.AsMemory(0, rows * cells.Length), Input.Shape(rows, cells.Length)));
            Flag(flag, cells, features, first, count, rows, tensors);
        }
    }

    sealed class Texts(OnnxInput input, FeatureCells[] cells, string? flag) : InputFeed(input)
    {
        public override void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors)
        {
            var tensor = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, Input.Shape(rows, cells.Length));
            tensors.Add(Input.Name, tensor);
            for (var index = 0; index < cells.Length; index++)
            {
                var column = cells[index].ColumnOf(features)!; // a text is never computed
                for (var row = 0; row < count; row++)
                {
                    if (column.IsPresent(first + row))
                    {
                        tensor.StringTensorSetElementAt(column.TextAt(first + row), row * cells.Length + index);
                    }
                }
            }

            Flag(flag, cells, features, first, count, rows, tensors);
        }
    }

    /// <summary>Texts [rows × longest list], and how many of them are each row's: what Capstan's own exports take.</summary>
    sealed class Lists(OnnxInput input, FeatureCells cells) : InputFeed(input)
    {
        public override void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors)
        {
            var column = cells.ColumnOf(features)!; // a list is never computed
            var lengths = new long[rows];
            for (var row = 0; row < count; row++)
            {
                lengths[row] = column.IsPresent(first + row)
                    ? column.ListOffsets[first + row + 1] - column.ListOffsets[first + row]
                    : -1;
            }

            var width = (int)Math.Max(1, lengths.Max());
            var tensor = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [rows, width]);
            tensors.Add(Input.Name, tensor);
            for (var row = 0; row < count; row++)
            {
                for (var item = 0; item < lengths[row]; item++)
                {
                    tensor.StringTensorSetElementAt(
                        column.Items.TextAt(column.ListOffsets[first + row] + item), row * width + item);
                }
            }

            tensors.Add($"{Input.Name}{OnnxFile.CountSuffix}", OrtValue.CreateTensorValueFromMemory(lengths, [rows, 1]));
        }
    }

    static void Room<T>(ref T[] values, int length)
    {
        if (values.Length < length)
        {
            values = new T[length];
        }
    }

    /// <summary>The values of a cell from a row on.</summary>
    delegate void CellCopy<TCell>(FeatureCells cell, FeatureBuffer features, int first, Span<TCell> values);
}
