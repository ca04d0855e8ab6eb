using System.Collections.Immutable;
using System.Globalization;
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
        var own = wanted.Fields.Where(Has).ToArray();
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

    /// <summary>The rows of the file, or of one part with their places, as a SELECT of DuckDB's.</summary>
    /// <param name="part">The part and the index of its split; null: all rows.</param>
    /// <exception cref="PushdownException">DuckDB would not read them as they are read here.</exception>
    public string Select((FilePart Part, int SplitIndex)? part, Schema wanted, bool withPlaces)
    {
        var parquet = file as ParquetFile ?? throw new PushdownException(
            Path.Name,
            "DuckDB reads Parquet as it is read here, but not texts, whose types and missing values are found cell by cell. " +
                "Save it as Parquet first: Dataset.Read(…).SaveAsync(\"….parquet\").");
        var values = wanted.Fields
            .Select(field =>
                $"{(Has(field) ? parquet.ValueOf(field) : ConstantOf(field))} AS {Sql.Identifier(field.Name)}").ToList();
        if (withPlaces && part is { } placed)
        {
            values.Add($"CAST({placed.SplitIndex} AS BIGINT) AS {SqlPlace.Split}");
            values.Add($"{ParquetScan.RowNumberColumn} - {placed.Part.FirstRow} AS {SqlPlace.Row}");
        }

        // A SELECT names at least one value, even where only the number of rows is wanted.
        var rows = part is { } only ? parquet.RowsOf(only.Part, withPlaces) : parquet.AllRows();
        return $"SELECT {string.Join(", ", values.DefaultIfEmpty("1"))} FROM {rows}";
    }

    bool Has(Field field) => file.Columns.Any(column => column.Name == field.Name);

    string ConstantOf(Field field)
    {
        var constant = ValueOf(field, 0);
        return (field.Type, constant) switch
        {
            (DataType.Text, { Text: { } text }) => Sql.Text(Encoding.UTF8.GetString(text)),
            (DataType.Text, _) => "CAST(NULL AS VARCHAR)",
            (DataType.Float64, { Cell.IsPresent: false }) => "CAST(NULL AS DOUBLE)",
            (DataType.Float64, { Cell.Bits: var bits }) => string.Create(
                CultureInfo.InvariantCulture, $"CAST('{BitConverter.Int64BitsToDouble(bits):R}' AS DOUBLE)"),
            (DataType.Timestamp, { Cell.IsPresent: false }) => "CAST(NULL AS TIMESTAMP)",
            (DataType.Timestamp, { Cell.Bits: var microseconds }) => $"make_timestamp(CAST({microseconds} AS BIGINT))",
            (DataType.Boolean, { Cell: var cell }) => $"CAST({(cell.IsPresent ? $"{cell.Bits}" : "NULL")} AS BOOLEAN)",
            (_, { Cell: var cell }) => $"CAST({(cell.IsPresent ? $"'{cell.Bits}'" : "NULL")} AS BIGINT)",
        };
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
