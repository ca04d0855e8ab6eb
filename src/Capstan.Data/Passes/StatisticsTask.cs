using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>The statistics of a split's columns.</summary>
/// <param name="columns">Of the source.</param>
public sealed class StatisticsTask(IReadOnlyList<string> columns) : SplitTask
{
    public const string Name = "statistics";

    public override string Kind => Name;

    public override ReadOnlyMemory<byte> Content => ColumnNames.Write(columns);

    /// <exception cref="CborContentException">The bytes are no such task.</exception>
    public static StatisticsTask From(ReadOnlyMemory<byte> content) => new(ColumnNames.Read(content));

    public override async Task<long> RunAsync(IBatchSource source, Split split, Stream answer, CancellationToken cancellationToken)
    {
        var statistics = new TableStatistics(source.Schema.Select(columns));
        await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
        {
            statistics.Observe(batch);
        }

        Write(answer, statistics);
        return statistics.RowCount;
    }
}
