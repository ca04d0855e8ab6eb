using Capstan.Data;

namespace Capstan.Features;

// The states of one operand, which statistics of a column have too.

sealed record MomentsAnalyzer(Expr Operand) : Analyzer<Moments>([Operand], [])
{
    public override void Observe(Moments state, in PassRows rows) => state.Observe(rows.Numbers(0));

    protected override Moments? From(ColumnStatistics column) => column.Numbers;
}

sealed record QuantilesAnalyzer(Expr Operand) : Analyzer<QuantileSketch>([Operand], [])
{
    public override void Observe(QuantileSketch state, in PassRows rows) => state.Observe(rows.Numbers(0));

    protected override QuantileSketch? From(ColumnStatistics column) => column.Quantiles;
}

sealed record TextCountsAnalyzer(Expr Operand) : Analyzer<TextCounts>([], [Operand])
{
    public override void Observe(TextCounts state, in PassRows rows)
    {
        var texts = rows.Texts(0);
        state.Observe(texts.Column, texts.Start, rows.Count);
    }

    // Statistics keep fewer values than a vocabulary's own count does.
    protected override TextCounts? From(ColumnStatistics column) =>
        column.Values is { IsExact: true } values ? TextCounts.Of(values) : null;

    public override bool IsKeptWhole(TextCounts state) => !state.IsSpilled && state.IsWhole;

    // What is stored is cut off at some number of texts.
    public override void Write(Stream target, TextCounts state) => state.WriteAll(target);

    protected override TextCounts ReadState(Stream source) => TextCounts.ReadAll(source);
}

/// <summary>In memory and stored whole, for what holds few of them anyhow.</summary>
sealed record ValuesAnalyzer(Expr Operand) : Analyzer<TopValues>([], [Operand])
{
    public override void Observe(TopValues state, in PassRows rows)
    {
        var texts = rows.Texts(0);
        for (var row = 0; row < rows.Count; row++)
        {
            if (texts.IsPresent(row))
            {
                state.Observe(texts[row]);
            }
        }
    }

    protected override TopValues? From(ColumnStatistics column) => column.Values is { IsExact: true } values ? values : null;
}
