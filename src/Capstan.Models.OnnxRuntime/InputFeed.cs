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
    public static InputFeed Of(OnnxInput input, FeatureCells[] cells, string? flag) => input.Type switch
    {
        TensorElementType.String when cells is [{ Type: DataType.TextList }] => new Lists(input, cells[0]),
        TensorElementType.String => new Texts(input, cells, flag),
        TensorElementType.Float => new Numbers<float>(input, cells, value => (float)value),
        TensorElementType.Double => new Numbers<double>(input, cells, value => value),
        TensorElementType.Float16 => new Numbers<Float16>(input, cells, value => (Float16)(float)value),
        TensorElementType.Int64 => new Integers<long>(input, cells, value => value, flag),
        TensorElementType.Int32 => new Integers<int>(input, cells, value => (int)value, flag),
        TensorElementType.Int16 => new Integers<short>(input, cells, value => (short)value, flag),
        TensorElementType.Int8 => new Integers<sbyte>(input, cells, value => (sbyte)value, flag),
        TensorElementType.UInt8 => new Integers<byte>(input, cells, value => (byte)value, flag),
        TensorElementType.UInt16 => new Integers<ushort>(input, cells, value => (ushort)value, flag),
        TensorElementType.UInt32 => new Integers<uint>(input, cells, value => (uint)value, flag),
        _ => new Integers<bool>(input, cells, value => value != 0, flag),
    };

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

    sealed class Numbers<T>(OnnxInput input, FeatureCells[] cells, Func<double, T> convert) : InputFeed(input)
        where T : unmanaged
    {
        double[] _column = [];
        T[] _values = [];

        public override void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors)
        {
            Room(ref _column, count);
            Room(ref _values, rows * cells.Length);
            for (var index = 0; index < cells.Length; index++)
            {
                cells[index].CopyNumbers(features, first, _column.AsSpan(0, count));
                for (var row = 0; row < count; row++)
                {
                    _values[row * cells.Length + index] = convert(_column[row]);
                }
            }

            tensors.Add(Input.Name, Tensor(_values, rows, cells.Length));
        }
    }

    sealed class Integers<T>(OnnxInput input, FeatureCells[] cells, Func<long, T> convert, string? flag) : InputFeed(input)
        where T : unmanaged
    {
        long[] _column = [];
        T[] _values = [];

        public override void Feed(FeatureBuffer features, int first, int count, int rows, Dictionary<string, OrtValue> tensors)
        {
            Room(ref _column, count);
            Room(ref _values, rows * cells.Length);
            for (var index = 0; index < cells.Length; index++)
            {
                cells[index].CopyIntegers(features, first, _column.AsSpan(0, count));
                for (var row = 0; row < count; row++)
                {
                    _values[row * cells.Length + index] = convert(_column[row]);
                }
            }

            tensors.Add(Input.Name, Tensor(_values, rows, cells.Length));
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

    OrtValue Tensor<T>(T[] values, int rows, int width)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(
        OrtMemoryInfo.DefaultInstance, values.AsMemory(0, rows * width), Input.Shape(rows, width));

    static void Room<T>(ref T[] values, int length)
    {
        if (values.Length < length)
        {
            values = new T[length];
        }
    }
}
