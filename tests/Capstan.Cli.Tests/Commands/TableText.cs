using System.Globalization;
using Capstan.Data;

namespace Capstan.Cli.Tests.Commands;

/// <summary>A data file's rows as lines of text, for comparing files of different formats: numbers in single precision.</summary>
static class TableText
{
    public static async Task<List<string>> OfAsync(params string[] files)
    {
        var source = await Dataset.Read(files).OpenAsync(TestContext.Current.CancellationToken);
        var lines = new List<string> { string.Join('|', source.Schema.Names) };
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], TestContext.Current.CancellationToken))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                lines.Add(string.Join('|', batch.Columns.Select(column => Show(column.ValueAt(row)))));
            }
        }

        return lines;
    }

    static string Show(object? value) => value is double number
        ? ((float)number).ToString("R", CultureInfo.InvariantCulture)
        : string.Format(CultureInfo.InvariantCulture, "{0}", value ?? "·");
}
