namespace Capstan.Data;

/// <summary>A column was asked for that the data does not have.</summary>
public sealed class UnknownColumnException(string column, IEnumerable<string> known) : ArgumentException(Say(column, [.. known]))
{
    public string Column { get; } = column;

    static string Say(string column, string[] known)
    {
        var nearest = known.OrderBy(name => Distance(name.ToLowerInvariant(), column.ToLowerInvariant())).FirstOrDefault();
        return nearest is null
            ? $"There is no column '{column}': the data has no columns."
            : $"There is no column '{column}'. Did you mean '{nearest}'? " +
                $"The columns are: {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
    }

    /// <summary>Levenshtein distance.</summary>
    static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitute = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[right.Length];
    }
}
