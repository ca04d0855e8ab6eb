using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// One pass for some analyzers. Only spans of the source whose states were not kept are read, and of these only the columns that
/// are needed; the result is that of reading everything, to the bit.
/// </summary>
/// <param name="pool">Who reads the rows; null for this process.</param>
sealed class AnalysisPass(IBatchSource source, ImmutableArray<Analyzer> analyzers, AnalysisFolder? kept, ISplitPool? pool)
{
    /// <summary>Beyond so many files, states of each would fill the folder faster than they could be of use.</summary>
    const int MostKeptSpans = 1000;

    readonly AnalysisFolder? _kept = SourceSpan.Of(source).Length is > 1 and <= MostKeptSpans ? kept : null;

    /// <returns>[analyzers] states of all rows.</returns>
    public async Task<ImmutableArray<PassState>> RunAsync(int threads, Action<int>? passed, CancellationToken cancellationToken)
    {
        using var pass = new ParallelPass(source, pool?.Ahead ?? threads, passed);
        return await pass.RunAsync(
            () => [.. analyzers.Select(analyzer => analyzer.Begin())],
            (span, token) => OfSpanAsync(pass, span, token), Merge, cancellationToken);
    }

    async Task<ImmutableArray<PassState>> OfSpanAsync(ParallelPass pass, SourceSpan span, CancellationToken cancellationToken)
    {
        var states = analyzers.ToDictionary(
            analyzer => analyzer, analyzer => span.Fingerprint is { } rows ? Find(analyzer, rows) : null);
        ImmutableArray<Analyzer> unknown = [.. analyzers.Where(analyzer => states[analyzer] is null)];
        if (unknown.Length > 0)
        {
            var observed = await ObserveAsync(pass, span, unknown, cancellationToken);
            for (var index = 0; index < unknown.Length; index++)
            {
                states[unknown[index]] = observed[index];
                if (span.Fingerprint is { } rows && _kept is not null && observed[index].IsKeptWhole)
                {
                    observed[index].Keep(_kept, rows);
                }
            }
        }

        return [.. analyzers.Select(analyzer => states[analyzer]!)]; // found, or observed above
    }

    Task<ImmutableArray<PassState>> ObserveAsync(
        ParallelPass pass, SourceSpan span, ImmutableArray<Analyzer> unknown, CancellationToken cancellationToken)
    {
        if (pool is not null)
        {
            var task = new AnalysisTask(unknown);
            return pass.AskAsync(span, pool, task, task.Read, Merge, cancellationToken);
        }

        var operands = new PassOperands(source.Schema, unknown);
        return pass.ReadAsync(span, operands.Columns, () => Begin(operands), Merge, cancellationToken);
    }

    PassState? Find(Analyzer analyzer, string rows) =>
        _kept is not null && analyzer.Find(rows, null, _kept) is { IsKeptWhole: true } state ? state : null;

    static (ImmutableArray<PassState>, Action<ColumnBatch>) Begin(PassOperands operands)
    {
        var frame = operands.CreateFrame();
        ImmutableArray<PassState> states = [.. operands.Analyzers.Select(analyzer => analyzer.Begin())];
        return (states, batch => operands.Observe(batch, frame, states));
    }

    static ImmutableArray<PassState> Merge(ImmutableArray<PassState> left, ImmutableArray<PassState> right) =>
        [.. left.Zip(right, (mine, theirs) => mine.Merge(theirs))];
}
