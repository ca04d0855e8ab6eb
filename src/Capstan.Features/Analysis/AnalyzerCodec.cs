using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Analyzers as CBOR, on their way to the processes that observe: each an array of its numeric tag and its operands.</summary>
static class AnalyzerCodec
{
    public static void Write(CborWriter writer, Analyzer analyzer)
    {
        var (tag, operands) = PartsOf(analyzer);
        writer.WriteStartArray(1 + operands.Length);
        writer.WriteInt32(tag);
        Array.ForEach(operands, operand => ExprCodec.Write(writer, operand));
        writer.WriteEndArray();
    }

    /// <exception cref="CorruptStateException">The bytes are no analyzer that this program knows.</exception>
    public static Analyzer Read(CborReader reader)
    {
        reader.ReadStartArray();
        var (tag, operands) = (reader.ReadInt32(), new List<Expr>());
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            operands.Add(ExprCodec.Read(reader));
        }

        reader.ReadEndArray();
        return (tag, operands) switch
        {
            (1, [var x]) => new MomentsAnalyzer(x),
            (2, [var x]) => new QuantilesAnalyzer(x),
            (3, [var text]) => new TextCountsAnalyzer(text),
            (4, [var text]) => new ValuesAnalyzer(text),
            (5, [var list]) => new DocumentsAnalyzer(list),
            (6, [_, ..]) => new CovarianceAnalyzer([.. operands]),
            (7, [var term, var label]) => new LabelCountsAnalyzer(term, label),
            (8, [var x, var key]) => new MomentsByKeyAnalyzer(x, key),
            (9, [var x, var weight]) => new WeightedQuantilesAnalyzer(x, weight),
            (10, [var key, var label]) => new TargetSumsAnalyzer(key, label),
            (11, [var term, var weight]) => new WeightsByTermAnalyzer(term, weight),
            (12, [var x, var key]) => new QuantilesByKeyAnalyzer(x, key),
            _ => throw new CorruptStateException(
                nameof(AnalysisTask), $"it wants the analysis {tag} of {operands.Count} operands, which is unknown; a newer Capstan may have written it"),
        };
    }

    static (int Tag, Expr[] Operands) PartsOf(Analyzer analyzer) => analyzer switch
    {
        MomentsAnalyzer each => (1, [each.Operand]),
        QuantilesAnalyzer each => (2, [each.Operand]),
        TextCountsAnalyzer each => (3, [each.Operand]),
        ValuesAnalyzer each => (4, [each.Operand]),
        DocumentsAnalyzer each => (5, [each.List]),
        CovarianceAnalyzer each => (6, [.. each.Operands]),
        LabelCountsAnalyzer each => (7, [each.Term, each.Label]),
        MomentsByKeyAnalyzer each => (8, [each.X, each.Key]),
        WeightedQuantilesAnalyzer each => (9, [each.X, each.RowWeight]),
        TargetSumsAnalyzer each => (10, [each.Key, each.Label]),
        WeightsByTermAnalyzer each => (11, [each.Term, each.Weight]),
        QuantilesByKeyAnalyzer each => (12, [each.X, each.Key]),
        _ => throw new UnreachableException($"{analyzer.GetType().Name} has no tag."),
    };
}
