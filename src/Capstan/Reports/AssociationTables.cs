using System.Diagnostics;
using System.Globalization;
using Capstan.Data;

namespace Capstan;

/// <summary>How columns go together, and what values say of a label, as sections of a page.</summary>
static class AssociationTables
{
    const int MostPairs = 50;
    const int MostLifts = 50;

    public static Markup Of(TableAssociations associations, string? label) => Markup.Of(
        $"""
        <h2 id="associations">Associations</h2>
        <div class="scroll" role="region" aria-labelledby="associations" tabindex="0">
        <table class="overview">
        <thead><tr><th scope="col">column</th><th scope="col">other</th><th scope="col" class="number">strength</th>
        <th scope="col">measure</th><th scope="col" class="number">rows</th></tr></thead>
        <tbody>
        {associations.Pairs.Take(MostPairs).Select(Row)}</tbody>
        </table>
        </div>
        {(label is null ? Markup.Nothing : Lifts(associations.Lifts(label), label))}
        """);

    static Markup Row(Association pair) => Markup.Of(
        $"""
        <tr><th scope="row">{pair.Left}</th><td>{pair.Right}</td>{Number(pair.Strength, Math.Abs(pair.Strength), "0.000;−0.000;0.000")}
        <td>{NameOf(pair.Kind)}</td>{Number(pair.RowCount, pair.RowCount, "N0")}</tr>

        """);

    static Markup Lifts(IReadOnlyList<LabelLift> lifts, string label) => Markup.Of(
        $"""
        <h2 id="lifts">What values say of {label}</h2>
        <div class="scroll" role="region" aria-labelledby="lifts" tabindex="0">
        <table class="overview">
        <thead><tr><th scope="col">column</th><th scope="col">value</th><th scope="col" class="number">rows</th><th scope="col">{label}</th>
        <th scope="col" class="number">found</th><th scope="col" class="number">overall</th>
        <th scope="col" class="number">{(lifts is [{ LabelValue: null }, ..] ? "shift / σ" : "lift")}</th></tr></thead>
        <tbody>
        {lifts.Take(MostLifts).Select(Row)}</tbody>
        </table>
        </div>
        """);

    static Markup Row(LabelLift lift)
    {
        var form = lift.LabelValue is null ? "G6" : "0.0 %";
        return Markup.Of(
            $"""
            <tr><th scope="row">{lift.Column}</th><td>{lift.Value}</td>{Number(lift.RowCount, lift.RowCount, "N0")}<td>{lift.LabelValue ?? "mean"}</td>
            {Number(lift.Found, lift.Found, form)}{Number(lift.Expected, lift.Expected, form)}
            {Number(lift.Lift, lift.Lift, "0.00;−0.00;0.00")}</tr>

            """);
    }

    static string NameOf(AssociationKind kind) => kind switch
    {
        AssociationKind.Correlation => "correlation",
        AssociationKind.CramersV => "Cramér's V",
        AssociationKind.CorrelationRatio => "correlation ratio",
        _ => throw new UnreachableException(),
    };

    static Markup Number(double value, double order, string form) => Markup.Of(
        $"<td class=\"number\" data-sort=\"{order.ToString("R", CultureInfo.InvariantCulture)}\">{value.ToString(form, CultureInfo.InvariantCulture)}</td>");
}
