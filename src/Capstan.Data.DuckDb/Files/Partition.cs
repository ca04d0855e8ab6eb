using System.Collections.Immutable;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>What a folder called <c>column=value</c> says of the rows of all files in it, as Hive and Spark write them.</summary>
/// <param name="Value">Unescaped; null where it is missing.</param>
readonly record struct Partition(string Column, string? Value)
{
    const string MissingValue = "__HIVE_DEFAULT_PARTITION__";

    /// <summary>Those of a file, by the folders in its name from the outermost on.</summary>
    /// <exception cref="UnreadableDataException">Two folders name the same column.</exception>
    public static ImmutableArray<Partition> Of(DataFilePath path)
    {
        var partitions = ImmutableArray.CreateBuilder<Partition>();
        foreach (var folder in path.Name.Split('/', Path.DirectorySeparatorChar)[..^1])
        {
            var equals = folder.IndexOf('=');
            if (equals <= 0)
            {
                continue;
            }

            var (column, value) = (Uri.UnescapeDataString(folder[..equals]), Uri.UnescapeDataString(folder[(equals + 1)..]));
            if (partitions.Any(partition => partition.Column == column))
            {
                throw new UnreadableDataException(path.Name, $"two of its folders say what '{column}' is; rename one of them.");
            }

            partitions.Add(new Partition(column, value.Length == 0 || value == MissingValue ? null : value));
        }

        return partitions.ToImmutable();
    }

    /// <summary>
    /// The type of a column by all its values; null where all are missing. Unlike cells, values that do not agree make text: they
    /// are names of folders, and few.
    /// </summary>
    public static DataType? TypeOf(IEnumerable<string?> values, CellText cells)
    {
        DataType? type = null;
        foreach (var value in values.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var evidence = new TypeEvidence(cells);
            evidence.ObserveText(Encoding.UTF8.GetBytes(value));
            type = (type, evidence.Conclude()) switch
            {
                (var known, null) => known,
                (null, var first) => first,
                (DataType.Int64 or DataType.Float64, DataType.Int64 or DataType.Float64) and var (left, right) =>
                    left == right ? left : DataType.Float64,
                var (left, right) => left == right ? left : DataType.Text,
            };
        }

        return type;
    }
}
