using System.Collections.Immutable;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>A data file with what its folders say: the columns of its rows are its own and those of its partitions.</summary>
sealed class PlacedFile(DataFile file, ImmutableArray<(Partition Partition, DataType? Type)> partitions, CellText cells)
{
    public DataFile File => file;

    public DataFilePath Path => file.Path;

    /// <summary>The file's own, in its order, then the partitions'.</summary>
    public ImmutableArray<FoundColumn> Columns { get; } =
        [.. file.Columns, .. partitions.Select(each => new FoundColumn(each.Partition.Column, each.Type))];

    /// <summary>
    /// Opens some files' places: a column that a file has itself counts as it is there, whatever its folder is called.
    /// </summary>
    public static ImmutableArray<PlacedFile> Of(IReadOnlyList<DataFile> files, ReadOptions options)
    {
        var cells = new CellText(options.MissingTexts, options.TimestampFormat);
        var found = files.Select(file => options.Partitions
            ? Partition.Of(file.Path).RemoveAll(partition => file.Columns.Any(column => column.Name == partition.Column))
            : []).ToList();
        var types = found.SelectMany(partitions => partitions).GroupBy(partition => partition.Column, StringComparer.Ordinal)
            .ToDictionary(
                column => column.Key, column => Partition.TypeOf(column.Select(partition => partition.Value), cells),
                StringComparer.Ordinal);
        return [.. files.Zip(found, (file, partitions) =>
            new PlacedFile(file, [.. partitions.Select(each => (each, types[each.Column]))], cells))];
    }

    /// <summary>Starts reading a part; see <see cref="DataFile.Scan"/>.</summary>
    /// <exception cref="UnreadableDataException">A folder's value is not of the column's type.</exception>
    public RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        var own = wanted.Fields.Where(field => file.Columns.Any(column => column.Name == field.Name)).ToArray();
        if (own.Length == wanted.Fields.Length)
        {
            return file.Scan(part, schema, wanted, tally);
        }

        var constants = wanted.Fields.Select((field, index) => (Field: field, Index: index))
            .Where(each => !own.Contains(each.Field))
            .Select(each => ValueOf(each.Field, each.Index)).ToImmutableArray();
        if (own.Length > 0)
        {
            return new CompletedScan(file.Scan(part, schema, wanted, tally), wanted.IndexOf(own[0].Name), null, constants);
        }

        // Nothing of the file itself is wanted but the number of its rows: its cheapest column tells.
        var carrier = file.Columns.Select(column => schema[column.Name]).MinBy(field => field.Type == DataType.Text);
        var counted = new Schema([carrier]);
        return new CompletedScan(file.Scan(part, schema, counted, tally), 0, new BatchBuilder(counted), constants);
    }

    ConstantColumn ValueOf(Field field, int index)
    {
        var text = partitions.FirstOrDefault(each => each.Partition.Column == field.Name).Partition.Value;
        if (text is null)
        {
            return new ConstantColumn(index, Cell.Missing, null);
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        return field.Type == DataType.Text ? new ConstantColumn(index, Cell.Missing, cells.IsMissing(bytes) ? null : bytes)
            : cells.TryRead(bytes, field.Type, out var cell) ? new ConstantColumn(index, cell, null)
            : throw new UnreadableDataException(Path.Name,
                $"its folder says that '{field.Name}' is '{text}', expected {cells.Expectation(field.Type)}.");
    }
}
