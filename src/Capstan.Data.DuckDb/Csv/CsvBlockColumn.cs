namespace Capstan.Data.DuckDb;

/// <summary>
/// Reads one column's cells of a block; what they mean is said by <see cref="CellText"/> and <see cref="NumberText"/>.
/// </summary>
/// <param name="index">Which of the file's columns.</param>
/// <param name="targetIndex">Its place in the batch; −1: read only to find bad rows.</param>
sealed class CsvBlockColumn(int index, DataType type, int targetIndex, CellText cells)
{
    // The values of the block, by type: a row is appended whole or not at all.
    double[] _numbers = [];
    long[] _words = [];
    ulong[] _validity = [];

    /// <param name="text">What the block was cut from.</param>
    /// <param name="rows">How many of the block's rows to read.</param>
    /// <returns>How many rows were read before the first whose cell is not of the type; texts all are.</returns>
    public int Read(CsvBlock block, ReadOnlySpan<byte> text, int rows)
    {
        if (type == DataType.Text)
        {
            return rows;
        }

        if (_validity.Length << 6 < rows)
        {
            _validity = new ulong[(rows + 63) >> 6];
            var capacity = _validity.Length << 6;
            (_numbers, _words) = type == DataType.Float64 ? (new double[capacity], _words) : (_numbers, new long[capacity]);
        }

        _validity.AsSpan().Clear();
        return type switch
        {
            DataType.Float64 => ReadNumbers(block, text, rows),
            DataType.Int64 => ReadIntegers(block, text, rows),
            _ => ReadOthers(block, text, rows),
        };
    }

    /// <summary>Appends the first rows, which were read before.</summary>
    public void AppendTo(BatchBuilder batch, CsvBlock block, ReadOnlySpan<byte> text, int rows)
    {
        if (targetIndex < 0)
        {
            return;
        }

        var target = batch.Columns[targetIndex];
        switch (type)
        {
            case DataType.Text:
                AppendTexts(block, text, rows, target);
                break;
            case DataType.Float64:
                target.Append(_numbers.AsSpan(0, rows), _validity);
                break;
            case DataType.Int64 or DataType.Timestamp:
                target.Append(_words.AsSpan(0, rows), _validity);
                break;
            default:
                for (var row = 0; row < rows; row++)
                {
                    CellAt(row).AppendTo(target);
                }

                break;
        }
    }

    int ReadNumbers(CsvBlock block, ReadOnlySpan<byte> text, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var piece = block.PieceAt(text, row, index);
            if (piece.Length > 0 && !piece.HasDoubledQuotes &&
                DigitWords.TryParse(text[piece.Start..], piece.Length, out double number))
            {
                SetNumber(row, number);
            }
            else if (!TryReadCell(row, block.FieldOf(piece, text)))
            {
                return row;
            }
        }

        return rows;
    }

    int ReadIntegers(CsvBlock block, ReadOnlySpan<byte> text, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var piece = block.PieceAt(text, row, index);
            if (piece.Length > 0 && !piece.HasDoubledQuotes &&
                DigitWords.TryParse(text[piece.Start..], piece.Length, out long integer))
            {
                _words[row] = integer;
                _validity[row >> 6] |= 1UL << (row & 63);
            }
            else if (!TryReadCell(row, block.FieldOf(piece, text)))
            {
                return row;
            }
        }

        return rows;
    }

    int ReadOthers(CsvBlock block, ReadOnlySpan<byte> text, int rows)
    {
        var row = 0;
        while (row < rows && TryReadCell(row, block.FieldOf(block.PieceAt(text, row, index), text)))
        {
            row++;
        }

        return row;
    }

    bool TryReadCell(int row, ReadOnlySpan<byte> field)
    {
        if (!cells.TryRead(field, type, out var cell))
        {
            return false;
        }

        if (type == DataType.Float64)
        {
            SetNumber(row, cell.IsPresent ? BitConverter.Int64BitsToDouble(cell.Bits) : double.NaN);
        }
        else
        {
            _words[row] = cell.Bits;
            _validity[row >> 6] |= (cell.IsPresent ? 1UL : 0) << (row & 63);
        }

        return true;
    }

    /// <summary>A number that is not finite is missing.</summary>
    void SetNumber(int row, double number)
    {
        var isFinite = double.IsFinite(number);
        _numbers[row] = isFinite ? number : 0;
        _validity[row >> 6] |= (isFinite ? 1UL : 0) << (row & 63);
    }

    Cell CellAt(int row) => (_validity[row >> 6] >> (row & 63) & 1) == 0 ? Cell.Missing : new Cell(true, _words[row]);

    void AppendTexts(CsvBlock block, ReadOnlySpan<byte> text, int rows, ColumnBuilder target)
    {
        for (var row = 0; row < rows; row++)
        {
            var piece = block.PieceAt(text, row, index);
            if (piece.Length == 0 || cells.IsMissing(block.FieldOf(piece, text)))
            {
                target.AppendMissing();
            }
            else if (piece.HasDoubledQuotes)
            {
                target.Append(block.FieldOf(piece, text));
            }
            else
            {
                target.Append(text[piece.Start..], piece.Length);
            }
        }
    }
}
