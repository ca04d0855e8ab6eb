namespace Capstan.Data;

/// <summary>
/// Other processes that read splits of a source, which each has opened for itself. They answer in bytes, and equally, whoever does a task and
/// however often: so a reader that dies changes no result.
/// </summary>
public interface ISplitPool
{
    /// <summary>How many splits to ask for before the first answer is there, 1 or more, so that no process waits; changes no result.</summary>
    int Ahead { get; }

    /// <summary>Has a split read. Tasks asked for first are begun first.</summary>
    /// <param name="source">As the caller has opened it; processes that find other rows refuse.</param>
    /// <param name="split">One of the source's.</param>
    /// <returns>For the caller to dispose of.</returns>
    Task<SplitAnswer> AskAsync(SplitTask task, IBatchSource source, Split split, CancellationToken cancellationToken);
}

/// <summary>What a task wrote about a split.</summary>
/// <param name="content">From its beginning, complete.</param>
/// <param name="rowCount">How many rows were read for it.</param>
public sealed class SplitAnswer(Stream content, long rowCount) : IDisposable
{
    public Stream Content => content;

    public long RowCount => rowCount;

    public void Dispose() => content.Dispose();
}
