using System.Text;
using Capstan.Data;

namespace Capstan;

/// <summary>
/// Which rows are held out for early stopping and the metrics of the model: a share by hash, or all from some time on.
/// </summary>
public sealed record ValidationDefinition
{
    /// <summary>The share held out, 0 to 0.5. 0 holds out nothing: no early stopping.</summary>
    public double Share { get; init; } = 0.1;

    /// <summary>
    /// A column whose equal values stay on the same side (a customer, a vehicle); null hashes the row's position.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>A timestamp column to split by instead.</summary>
    public string? Time { get; init; }

    /// <summary>With <see cref="Time"/>: rows from this moment on are held out.</summary>
    public string? From { get; init; }

    // Not DateTime.Parse: it reads "06/01" as of the year, and converts offsets to the time zone, in which it runs.
    internal long? FromMicroseconds =>
        From is not null && TimestampText.TryParse(Encoding.UTF8.GetBytes(From), out var moment) ? moment : null;

    internal void Check(List<string> problems)
    {
        if (Share is < 0 or > 0.5 || double.IsNaN(Share))
        {
            problems.Add($"validation.share: found {Share}, expected 0 to 0.5");
        }

        if (Time is null != From is null)
        {
            problems.Add(
                "validation.time and validation.from belong together: " +
                "a timestamp column, and the moment from which rows are held out");
        }

        if (From is not null && FromMicroseconds is null)
        {
            problems.Add($"validation.from: found '{From}', expected a moment such as 2001-06-01 or 2001-06-01T12:00:00");
        }

        if (Time is not null && Key is not null)
        {
            problems.Add("validation.key: not together with time");
        }
    }
}
