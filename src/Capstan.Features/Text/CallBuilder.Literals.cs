using System.Text;
using Capstan.Data;

namespace Capstan.Features;

// Lists, dates, times and zones: arguments that are written out, not computed.
sealed partial class CallBuilder
{
    IEnumerable<ValueList<double>> TakeLists()
    {
        while (TakeList(TokenKind.Number) is { } list)
        {
            yield return [.. list.Select(token => token.Number)];
        }
    }

    Expr Interpolated(Expr x, ValueList<double>[] lists)
    {
        if (lists.Length != 2)
        {
            throw parser.Fail(
                "interpolate takes a number and two lists of numbers, such as interpolate(x, [0, 10, 20], [0, 1, 1.5])",
                name.Position);
        }

        try
        {
            return Expressions.Interpolate(x, [.. lists[0]], [.. lists[1]]);
        }
        catch (ArgumentException problem)
        {
            throw parser.Fail(problem.Message.TrimEnd('.'), name.Position);
        }
    }

    DateOnly[] TakeDates()
    {
        if (TakeList(TokenKind.Text) is not { Count: > 0 } list)
        {
            throw parser.Fail(
                $"{name.Text} takes a time and a list of dates, such as {name.Text}(t, ['2001-01-01', '2001-12-25'])",
                name.Position);
        }

        return [.. list.Select(date => DateOnly.FromDateTime(Timestamps.ToDateTime(DateOf(date))))];
    }

    long DateOf(Token literal)
    {
        var isDate = TimestampText.TryParse(Encoding.UTF8.GetBytes(literal.Text), out var microseconds) &&
            literal.Text.Length == "2001-06-30".Length;
        return isDate ? microseconds : throw parser.Fail(
            $"'{literal.Text}' is no date; expected a text like '2001-06-30'", literal.Position);
    }

    long TimeOf(Expr literal)
    {
        if (literal is not TextExpr { Value: var written })
        {
            throw parser.Fail($"{name.Text} takes a quoted text, found '{literal}'", name.Position);
        }

        var isTime = TimestampText.TryParse(Encoding.UTF8.GetBytes(written), out var microseconds);
        return isTime && (name.Text == "timestamp" || written.Length == "2001-06-30".Length)
            ? microseconds
            : throw parser.Fail(
                $"'{written}' is no {name.Text}; expected a text like '2001-06-30{(name.Text == "date" ? "" : "T17:45:00")}'",
                name.Position);
    }

    Expr Zoned(Expr time, Expr zone)
    {
        if (zone is not TextExpr { Value: var written })
        {
            throw parser.Fail($"The zone of in_zone is a quoted text, found '{zone}'", name.Position);
        }

        try
        {
            return Expressions.InZone(time, written);
        }
        catch (ExpressionException unknown)
        {
            throw parser.Fail(unknown.Message.TrimEnd('.'), name.Position);
        }
    }

    /// <summary>The first list that is left, or null.</summary>
    List<Token>? TakeList(TokenKind kind)
    {
        if (_lists is not [var list, ..])
        {
            return null;
        }

        if (list.FindIndex(token => token.Kind != kind) is >= 0 and var index)
        {
            throw parser.Fail($"The list of {name.Text} holds {(kind == TokenKind.Number ? "numbers" : "quoted texts")} only",
                list[index].Position);
        }

        _lists.RemoveAt(0);
        _hasTakenList = true;
        return list;
    }
}
