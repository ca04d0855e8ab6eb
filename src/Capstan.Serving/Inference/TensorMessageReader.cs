using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>Fills a column from a tensor of a protobuf message. Not thread-safe.</summary>
sealed class TensorMessageReader
{
    // A tensor says how many rows it has before any is seen. Each takes a byte or more, but for lists without texts.
    const int MostRowsOfNothing = 4096;

    // [rows] whether the row's value is missing, of tensors that say so.
    bool[] _missing = [];
    bool _hasMissing;

    /// <param name="raw">The tensor's raw contents, where the request has them.</param>
    /// <exception cref="RefusedRequestException">The tensor is not what the column takes.</exception>
    public void Fill(ColumnBuilder column, Field field, in TensorMessage tensor, ReadOnlySpan<byte> raw, bool isRaw)
    {
        var type = ElementType.Find(tensor.Datatype)
            ?? throw new RefusedRequestException(RequestProblems.UnknownDatatype(field.Name, Encoding.UTF8.GetString(tensor.Datatype)));
        if (!TensorTypes.Fits(type.Name, field.Type) || (!isRaw && type.ContentsField == 0))
        {
            throw new RefusedRequestException(RequestProblems.WrongDatatype(field.Name, type.Name, TensorTypes.Of(field.Type)));
        }

        var isList = field.Type == DataType.TextList;
        var most = Math.Max(MostRowsOfNothing, tensor.Message.Length + raw.Length);
        if (tensor.Dimensions is not (1 or 2) || tensor.Rows < 0 || tensor.Rows > most || tensor.Width < 0 || tensor.Width > most ||
            (isList ? tensor.Dimensions == 1 : tensor.Width != 1))
        {
            throw new RefusedRequestException(RequestProblems.WrongTensorShape(field.Name, tensor.Shape()));
        }

        ReadMissing(tensor, field);
        var elements = isRaw ? TensorElements.Raw(type, raw) : TensorElements.Typed(type, tensor.Contents);
        for (var row = 0; row < tensor.Rows; row++)
        {
            var found = type.IsText
                ? AppendTexts(column, field, ref elements, row, isList ? (int)tensor.Width : 1)
                : AppendNumber(column, field, type, ref elements, row);
            if (!found)
            {
                throw new RefusedRequestException(
                    RequestProblems.WrongElementCount(field.Name, tensor.Rows * tensor.Width, "its contents end before that"));
            }
        }

        if (!elements.IsAtEnd())
        {
            throw new RefusedRequestException(RequestProblems.WrongElementCount(field.Name, tensor.Rows * tensor.Width, "its contents have more"));
        }
    }

    bool AppendNumber(ColumnBuilder column, Field field, ElementType type, ref TensorElements elements, int row)
    {
        if (!elements.TryNext(out ulong bits))
        {
            return false;
        }

        if (IsMissing(row))
        {
            column.AppendMissing();
        }
        else if (field.Type == DataType.Boolean)
        {
            column.Append(bits != 0);
        }
        else if (field.Type == DataType.Float64)
        {
            var number = type.ToDouble(bits);
            if (!double.IsFinite(number))
            {
                throw new RefusedRequestException(RequestProblems.NotFiniteElement(row, field.Name, number));
            }

            column.Append(number);
        }
        else
        {
            if (!type.TryToInteger(bits, out var integer))
            {
                throw new RefusedRequestException(RequestProblems.OutOfRange(row, field, $"the number {bits}"));
            }

            column.Append(integer);
        }

        return true;
    }

    bool AppendTexts(ColumnBuilder column, Field field, ref TensorElements elements, int row, int count)
    {
        for (var index = 0; index < count; index++)
        {
            if (!elements.TryNext(out ReadOnlySpan<byte> text))
            {
                return false;
            }

            if (IsMissing(row))
            {
                continue;
            }

            if (!Utf8.IsValid(text))
            {
                throw new RefusedRequestException(RequestProblems.NotUtf8Text(row, field.Name));
            }

            if (field.Type != DataType.Timestamp)
            {
                (field.Type == DataType.TextList ? column.Items : column).Append(text);
            }
            else if (TimestampText.TryParse(text, out var microseconds))
            {
                column.Append(microseconds);
            }
            else
            {
                throw new RefusedRequestException(
                    RequestProblems.WrongType(row, field, $"the text \"{RequestProblems.Excerpt(text)}\""));
            }
        }

        if (IsMissing(row))
        {
            column.AppendMissing();
        }
        else if (field.Type == DataType.TextList)
        {
            column.AppendList();
        }

        return true;
    }

    bool IsMissing(int row) => _hasMissing && _missing[row];

    void ReadMissing(in TensorMessage tensor, Field field)
    {
        _hasMissing = false;
        if (tensor.MissingRows() is not { } numbers)
        {
            return;
        }

        var rows = (int)tensor.Rows;
        if (_missing.Length < rows)
        {
            _missing = new bool[rows];
        }

        _missing.AsSpan(0, rows).Clear();
        _hasMissing = true;
        foreach (var number in numbers)
        {
            Miss(number, field, rows);
        }
    }

    void Miss(string number, Field field, int rows)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var row) || row >= rows)
        {
            throw new RefusedRequestException(RequestProblems.WrongMissingRow(field.Name, number, rows));
        }

        _missing[row] = true;
    }
}
