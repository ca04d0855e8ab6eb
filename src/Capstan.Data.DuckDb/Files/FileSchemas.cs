namespace Capstan.Data.DuckDb;

/// <summary>Makes one schema of several files' columns.</summary>
static class FileSchemas
{
    /// <summary>
    /// The columns of the first file, in its order, and where files may differ those that only later ones have; with types that
    /// suit all files.
    /// </summary>
    /// <param name="options">Types declared there go before what was found.</param>
    public static Schema Unite(IReadOnlyList<PlacedFile> files, ReadOptions options)
    {
        var types = options.Types;
        if (!options.UniteColumns)
        {
            CheckNames(files);
        }

        var names = files.SelectMany(file => file.Columns).Select(column => column.Name)
            .Distinct(StringComparer.Ordinal).ToList();
        var unknown = types.Keys.FirstOrDefault(name => !names.Contains(name));
        if (unknown is not null)
        {
            throw new UnknownColumnException(unknown, names);
        }

        var found = files.Select(file =>
            (file, file.Columns.ToDictionary(column => column.Name, column => column.Type))).ToList();
        return new Schema(
            names.Select(name => new Field(name, types.TryGetValue(name, out var declared) ? declared : TypeOf(name, found))));
    }

    static void CheckNames(IReadOnlyList<PlacedFile> files)
    {
        var first = files[0];
        var expected = first.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files.Skip(1))
        {
            var found = file.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
            var missing = expected.Except(found).FirstOrDefault();
            var extra = found.Except(expected).FirstOrDefault();
            if ((missing ?? extra) is not null)
            {
                throw new UnreadableDataException(file.Path.Name,
                    (missing is null ? $"it has a column '{extra}' that '{first.Path.Name}' lacks"
                        : $"it lacks the column '{missing}' of '{first.Path.Name}'") +
                    "; files of one data set must have the same columns (in any order). " +
                    "Add or remove the column, read the files separately, or allow files to differ (--unite).");
            }
        }
    }

    static DataType TypeOf(string name, List<(PlacedFile File, Dictionary<string, DataType?> Types)> files)
    {
        (PlacedFile File, DataType Type)? united = null;
        foreach (var (file, types) in files)
        {
            if (types.GetValueOrDefault(name) is not DataType found)
            {
                continue;
            }

            if (united is not { } before)
            {
                united = (file, found);
            }
            else if (before.Type != found)
            {
                united = IsNumber(before.Type) && IsNumber(found)
                    ? (before.File, DataType.Float64)
                    : throw new UnreadableDataException(file.Path.Name,
                        $"column '{name}' is {Schema.NameOf(found)} here and {Schema.NameOf(before.Type)} in " +
                        $"'{before.File.Path.Name}'; files of one data set " +
                        "must agree. Correct the file, or declare the column's type (text fits everything).");
            }
        }

        return united?.Type ?? DataType.Text;
    }

    static bool IsNumber(DataType type) => type is DataType.Int64 or DataType.Float64;
}
