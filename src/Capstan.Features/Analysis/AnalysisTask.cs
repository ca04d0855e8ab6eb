using System.Collections.Immutable;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>What an analysis has to find out about the rows of a split, so that another process can do it.</summary>
public sealed class AnalysisTask : SplitTask
{
    public const string Name = "analysis";

    readonly ImmutableArray<Analyzer> _analyzers;

    internal AnalysisTask(ImmutableArray<Analyzer> analyzers) => _analyzers = analyzers;

    public override string Kind => Name;

    public override ReadOnlyMemory<byte> Content
    {
        get
        {
            var writer = new CborWriter();
            writer.WriteStartArray(_analyzers.Length);
            foreach (var analyzer in _analyzers)
            {
                AnalyzerCodec.Write(writer, analyzer);
            }

            writer.WriteEndArray();
            return writer.Encode();
        }
    }

    /// <exception cref="CorruptStateException">The bytes are no such task.</exception>
    public static AnalysisTask From(ReadOnlyMemory<byte> content)
    {
        var (reader, analyzers) = (new CborReader(content), ImmutableArray.CreateBuilder<Analyzer>());
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            analyzers.Add(AnalyzerCodec.Read(reader));
        }

        reader.ReadEndArray();
        return new AnalysisTask(analyzers.ToImmutable());
    }

    /// <summary>Writes each state, in the order of the analyzers.</summary>
    public override async Task<long> RunAsync(IBatchSource source, Split split, Stream answer, CancellationToken cancellationToken)
    {
        // Functions of the label want the rows' folds, and whoever opens the rows here does not know which functions there are.
        source = _analyzers.Any(analyzer => analyzer is TargetSumsAnalyzer) && source.Schema.IndexOf(FoldedSource.Fold.Name) < 0
            ? new FoldedSource(source)
            : source;
        var (operands, rows) = (new PassOperands(source.Schema, _analyzers), 0L);
        var (frame, states) = (operands.CreateFrame(), Begin());
        await foreach (var batch in source.ReadAsync(split, operands.Columns, cancellationToken))
        {
            operands.Observe(batch, frame, states);
            rows += batch.RowCount;
        }

        foreach (var state in states)
        {
            state.Write(answer);
        }

        return rows;
    }

    /// <summary>The states that <see cref="RunAsync"/> wrote.</summary>
    internal ImmutableArray<PassState> Read(Stream answer) => [.. _analyzers.Select(analyzer => analyzer.Read(answer))];

    ImmutableArray<PassState> Begin() => [.. _analyzers.Select(analyzer => analyzer.Begin())];
}
