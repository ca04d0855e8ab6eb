using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The operands of some analyzers, compiled together so that what they share is computed once. Thread-safe.</summary>
sealed class PassOperands
{
    readonly Plan _plan;
    readonly ImmutableArray<(ImmutableArray<int> Numbers, ImmutableArray<int> Texts)> _registers;

    public PassOperands(Schema schema, ImmutableArray<Analyzer> analyzers)
    {
        Analyzers = analyzers;
        Expr[] numbers = [.. analyzers.SelectMany(analyzer => analyzer.Numbers).Distinct()];
        Expr[] texts = [.. analyzers.SelectMany(analyzer => analyzer.Texts).Distinct()];
        _plan = PlanCompiler.Compile(schema, numbers, texts);
        var (numberAt, textAt) = (IndexesOf(numbers), IndexesOf(texts));
        _registers =
        [
            .. analyzers.Select(analyzer => (
                analyzer.Numbers.Select(operand => _plan.Roots[numberAt[operand]].Register).ToImmutableArray(),
                analyzer.Texts.Select(operand => _plan.TextRoots[textAt[operand]]).ToImmutableArray())),
        ];
    }

    public ImmutableArray<Analyzer> Analyzers { get; }

    /// <summary>The raw columns that the operands read.</summary>
    public IReadOnlyList<string> Columns => _plan.Columns;

    /// <summary>For one thread's <see cref="Observe"/>.</summary>
    public Frame CreateFrame() => new(_plan);

    /// <param name="states">[Analyzers] states that take in the batch's rows.</param>
    public void Observe(ColumnBatch batch, Frame frame, ImmutableArray<PassState> states)
    {
        _plan.Bind(frame, batch);
        for (var start = 0; start < batch.RowCount; start += Frame.TileRows)
        {
            _plan.Run(frame, start, Math.Min(Frame.TileRows, batch.RowCount - start));
            for (var index = 0; index < states.Length; index++)
            {
                var (numbers, texts) = _registers[index];
                states[index].Observe(new PassRows(frame, numbers.AsSpan(), texts.AsSpan()));
            }
        }
    }

    static Dictionary<Expr, int> IndexesOf(Expr[] operands) =>
        operands.Select((operand, index) => (operand, index)).ToDictionary(each => each.operand, each => each.index);
}
