using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>How columns go together, and what values say of a label: for people the strongest, for programs all.</summary>
static class AssociationResult
{
    const int PairsShown = 15;
    const int LiftsShown = 15;

    public static string NameOf(AssociationKind kind) => kind switch
    {
        AssociationKind.Correlation => "correlation",
        AssociationKind.CramersV => "Cramér's V",
        AssociationKind.CorrelationRatio => "correlation ratio",
        _ => throw new UnreachableException(),
    };

    public static void Write(CommandSession session, TableAssociations associations, string? label)
    {
        var pairs = associations.Pairs;
        session.Terminal.Output.WriteLine($"Associations: the strongest of {ResultTable.Count(pairs.Count)} pairs of columns");
        var table = new ResultTable("column", "other", "#strength", "measure", "#rows");
        foreach (var pair in pairs.Take(PairsShown))
        {
            table.Add(pair.Left, pair.Right, Signed(pair.Strength), NameOf(pair.Kind), ResultTable.Count(pair.RowCount));
        }

        table.Write(session);
        if (label is not null)
        {
            WriteLifts(session, associations.Lifts(label), label);
        }

        foreach (var (columns, why) in new[]
        {
            (associations.LeftOut, $"not looked at (timestamps, lists, and more than {TableAssociations.MostColumns} of a kind)"),
            (associations.TooManyValues, "too many values to be categories"),
        })
        {
            if (columns.Any())
            {
                session.Remark($"{why}: {string.Join(", ", columns)}.");
            }
        }
    }

    public static void Write(Utf8JsonWriter json, TableAssociations associations, string? label)
    {
        json.WriteStartArray("associations");
        foreach (var pair in associations.Pairs)
        {
            json.WriteStartObject();
            json.WriteString("left", pair.Left);
            json.WriteString("right", pair.Right);
            json.WriteString("measure", JsonNamingPolicy.SnakeCaseLower.ConvertName(pair.Kind.ToString()));
            json.WriteNumber("strength", pair.Strength);
            json.WriteNumber("rows", pair.RowCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (label is null)
        {
            return;
        }

        json.WriteStartArray("lifts");
        foreach (var lift in associations.Lifts(label))
        {
            json.WriteStartObject();
            json.WriteString("column", lift.Column);
            json.WriteString("value", lift.Value);
            json.WriteNumber("rows", lift.RowCount);
            json.WriteString("labelValue", lift.LabelValue);
            json.WriteNumber("found", lift.Found);
            json.WriteNumber("expected", lift.Expected);
            json.WriteNumber("lift", lift.Lift);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteLifts(CommandSession session, IReadOnlyList<LabelLift> lifts, string label)
    {
        var isNumber = lifts is [{ LabelValue: null }, ..];
        session.Terminal.Output.WriteLine(isNumber ? $"Mean of {label} by value" : $"Shares of values of {label}, by value");
        var table = new ResultTable("column", "value", "#rows", label, "#found", "#overall", isNumber ? "#shift / σ" : "#lift");
        foreach (var lift in lifts.Take(LiftsShown))
        {
            table.Add(
                lift.Column, lift.Value, ResultTable.Count(lift.RowCount), lift.LabelValue ?? "mean",
                isNumber ? ResultTable.Number(lift.Found) : ResultTable.Share(lift.Found),
                isNumber ? ResultTable.Number(lift.Expected) : ResultTable.Share(lift.Expected), isNumber ? Signed(lift.Lift)
                    : Times(lift.Lift));
        }

        table.Write(session);
    }

    static string Signed(double value) => value.ToString("0.000;−0.000;0.000", CultureInfo.InvariantCulture);

    static string Times(double value) => value.ToString("0.00 ×", CultureInfo.InvariantCulture);
}
