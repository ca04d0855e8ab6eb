namespace Capstan.Data.DuckDb;

/// <summary>What happens to a row that can't be read as the schema says. Never silent: see <see cref="BadRowReport"/>.</summary>
public abstract record BadRowPolicy
{
    private protected BadRowPolicy()
    {
    }

    /// <summary>Reading ends with a <see cref="BadRowException"/>.</summary>
    public static readonly BadRowPolicy Fail = new FailPolicy();

    /// <summary>The row is left out and counted.</summary>
    public static readonly BadRowPolicy Skip = new SkipPolicy();

    /// <summary>
    /// A value that can't be read becomes a missing one and is counted by column. A row that is broken as a whole (too few
    /// fields, a forgotten quote, no JSON) is left out and counted.
    /// </summary>
    public static readonly BadRowPolicy Null = new NullPolicy();

    /// <summary>
    /// The row is left out, counted, and its raw lines are appended to a file, once per source however often it is read. Of a
    /// Parquet row the number and the cell are kept, as JSON; of a line over 4 MiB at most the beginning.
    /// </summary>
    public static BadRowPolicy Quarantine(string file) => new QuarantinePolicy(file);

    internal sealed record FailPolicy : BadRowPolicy;

    internal sealed record NullPolicy : BadRowPolicy;

    internal sealed record SkipPolicy : BadRowPolicy;

    internal sealed record QuarantinePolicy(string File) : BadRowPolicy;
}
