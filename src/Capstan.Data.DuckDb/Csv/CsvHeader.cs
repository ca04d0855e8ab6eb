using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>Reads the names of the columns.</summary>
static class CsvHeader
{
    /// <summary>A line of commas can name millions; no table has so many, and each costs memory.</summary>
    const int MaxColumns = 65_536;

    /// <summary>
    /// The names without surrounding spaces; one without a name (an index written by a data frame) is called after its
    /// position.
    /// </summary>
    public static ImmutableArray<string> Read(CsvRecords records, string file)
    {
        if (!records.MoveNext())
        {
            throw new UnreadableDataException(file, "it holds only empty lines; a CSV file needs a header line and rows.");
        }

        if (records.Fault != CsvFault.None)
        {
            throw new UnreadableDataException(file, $"its header line can't be read: {CsvFaults.Describe(records.Fault)}");
        }

        if (records.Raw.Contains((byte)0))
        {
            throw new UnreadableDataException(file, "it holds binary data, not CSV; check its extension or set the format.");
        }

        if (records.Raw.Contains((byte)'\r'))
        {
            throw new UnreadableDataException(file,
                "its lines end with carriage returns only; convert them to line feeds (tr '\\r' '\\n').");
        }

        if (records.FieldCount > MaxColumns)
        {
            throw new UnreadableDataException(file,
                $"its first line has {records.FieldCount:N0} fields; expected a header of at most {MaxColumns:N0} columns.");
        }

        var names = new string[records.FieldCount];
        for (var column = 0; column < names.Length; column++)
        {
            var name = Encoding.UTF8.GetString(records.Field(column)).Trim();
            names[column] = name.Length > 0 ? name : $"column{column + 1}";
        }

        if (names.All(name => double.TryParse(name, CultureInfo.InvariantCulture, out _)))
        {
            throw new UnreadableDataException(file,
                $"its first line ({string.Join(", ", names.Take(5))}) holds numbers, not names; " +
                "add a header line, or give the columns' names.");
        }

        var twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? [.. names] : throw new UnreadableDataException(file,
            $"its header names column '{twice.Key}' {twice.Count()} times; names must be unique.");
    }
}
