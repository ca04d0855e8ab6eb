using System.Text;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>Fills whole columns from JSON arrays, for protocols that send a request column by column. Not thread-safe.</summary>
sealed class ColumnFiller
{
    readonly Schema _inputs;
    readonly FieldPaths _names;
    readonly BatchBuilder _builder;
    readonly CellReader _cells;
    readonly bool[] _seen;

    public ColumnFiller(Schema inputs, FieldPaths names)
    {
        (_inputs, _names) = (inputs, names);
        _builder = new BatchBuilder(inputs);
        _cells = new CellReader(inputs, _builder.Columns);
        _seen = new bool[inputs.Fields.Length];
    }

    public ColumnBatch Batch => _builder.Batch;

    public ColumnBuilder ColumnAt(int index) => _builder.Columns[index];

    public void Clear()
    {
        _builder.Clear();
        _seen.AsSpan().Clear();
    }

    /// <summary>Finds a column by its name.</summary>
    /// <returns>Its index; -1 for a column of the training data that the model does not use.</returns>
    /// <exception cref="RefusedRequestException">There is no such column, or it came already.</exception>
    public int Find(string name) => Find(Encoding.UTF8.GetBytes(name), -1);

    /// <param name="name">UTF-8.</param>
    /// <param name="guess">The column to try first; any number.</param>
    /// <inheritdoc cref="Find(string)"/>
    public int Find(ReadOnlySpan<byte> name, int guess)
    {
        var index = _names.Find(name, guess);
        if (index < 0)
        {
            throw new RefusedRequestException(RequestProblems.UnknownInput(Encoding.UTF8.GetString(name), _inputs));
        }

        if (index >= _seen.Length)
        {
            return -1;
        }

        if (_seen[index])
        {
            throw new RefusedRequestException(RequestProblems.InputTwice(_inputs.Fields[index].Name));
        }

        _seen[index] = true;
        return index;
    }

    /// <summary>Appends an array's values, one for each row. A value may stand in an array of its own: [[1],[2]] is [1,2].</summary>
    /// <param name="reader">At the array; moved to its end.</param>
    /// <exception cref="RefusedRequestException">A value is not of the column's type.</exception>
    public void Fill(ref Utf8JsonReader reader, int index)
    {
        var name = _inputs.Fields[index].Name;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new RefusedRequestException(RequestProblems.InputNotAnArray(name, CellReader.Describe(ref reader)));
        }

        var isList = _inputs.Fields[index].Type == DataType.TextList;
        for (var row = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; row++)
        {
            var wrapped = !isList && reader.TokenType == JsonTokenType.StartArray && reader.Read();
            if (wrapped && reader.TokenType == JsonTokenType.EndArray)
            {
                throw new RefusedRequestException(RequestProblems.NotOneValue(row, name));
            }

            _cells.Append(ref reader, index, row);
            if (wrapped && !(reader.Read() && reader.TokenType == JsonTokenType.EndArray))
            {
                throw new RefusedRequestException(RequestProblems.NotOneValue(row, name));
            }
        }
    }

    /// <exception cref="RefusedRequestException">A column is absent, or has another number of rows than the first.</exception>
    public void Finish()
    {
        var absent = _seen.AsSpan().IndexOf(false);
        if (absent >= 0)
        {
            throw new RefusedRequestException(RequestProblems.MissingInput(_inputs.Fields[absent]));
        }

        for (var index = 1; index < _seen.Length; index++)
        {
            if (_builder.Columns[index].Length != _builder.Columns[0].Length)
            {
                throw new RefusedRequestException(RequestProblems.UnevenInputs(
                    _inputs.Fields[0].Name, _builder.Columns[0].Length, _inputs.Fields[index].Name, _builder.Columns[index].Length));
            }
        }
    }
}
