using Capstan.Data;
using Capstan.Data.MLNet;
using Microsoft.ML;

namespace Capstan.Models.MLNet;

/// <summary>Takes the columns that a model reads out of an ML.NET row, as a batch of one row.</summary>
sealed class RawRowReader
{
    readonly BatchBuilder _builder;
    readonly Action[] _append;

    public RawRowReader(Schema wanted, DataViewRow row)
    {
        _builder = new BatchBuilder(wanted);
        _append = [.. wanted.Fields.Select((field, index) => ReaderOf(row, row.Schema[field.Name], field, _builder.Columns[index]))];
    }

    /// <summary>The row as it stands now; valid until the next is read.</summary>
    public ColumnBatch Read()
    {
        _builder.Clear();
        foreach (var appendNext in _append)
        {
            appendNext();
        }

        return _builder.Batch;
    }

    /// <exception cref="ArgumentException">A column is missing, or has a type that none of the model's can be made of.</exception>
    public static void Check(Schema wanted, DataViewSchema found)
    {
        foreach (var field in wanted.Fields)
        {
            if (found.GetColumnOrNull(field.Name) is not { } column)
            {
                throw new ArgumentException(
                    $"The data view has no column '{field.Name}', which the model reads; it has {string.Join(", ", found.Select(each => each.Name))}.");
            }

            var type = DataViewCells.TypeOf(column.Type);
            if (type != field.Type && !(IsNumber(type) && IsNumber(field.Type)))
            {
                throw new ArgumentException(
                    $"The data view's column '{field.Name}' is {column.Type}; the model was trained on {Schema.NameOf(field.Type)}. " +
                    "Load it as that, or convert it before.");
            }
        }
    }

    static bool IsNumber(DataType? type) => type is DataType.Int64 or DataType.Float64;

    static Action ReaderOf(DataViewRow row, DataViewSchema.Column column, Field field, ColumnBuilder target)
    {
        var found = DataViewCells.TypeOf(column.Type)!.Value; // Check has seen it
        if (found == field.Type)
        {
            return DataViewCells.ReaderOf(row, column, target);
        }

        var cell = new ColumnBuilder(found);
        var read = DataViewCells.ReaderOf(row, column, cell);
        return () =>
        {
            cell.Clear();
            read();
            switch (cell.Column.ValueAt(0))
            {
                case long number:
                    target.Append((double)number);
                    break;
                case double number when number == Math.Floor(number) && Math.Abs(number) < 1L << 53:
                    target.Append((long)number);
                    break;
                case null:
                    target.AppendMissing();
                    break;
                case var other:
                    throw new ArgumentException(
                        $"The data view's column '{field.Name}' holds {other} in row {row.Position}; the model was trained on integers.");
            }
        };
    }
}
