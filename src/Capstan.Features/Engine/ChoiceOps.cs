using Capstan.Data;

namespace Capstan.Features;

/// <summary>If over numbers: the second where the condition is not true.</summary>
sealed class ChooseNumber(int condition, int then, int otherwise, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (truths, x, y, values) = (
            frame.Numbers[condition], frame.Numbers[then], frame.Numbers[otherwise], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = truths[row] == 1 ? x[row] : y[row];
        }
    }
}

sealed class ChooseTime(int condition, int then, int otherwise, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (truths, x, y, values) = (frame.Numbers[condition], frame.Times[then], frame.Times[otherwise], frame.Times[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = truths[row] == 1 ? x[row] : y[row];
        }
    }
}

sealed class ChooseText(int condition, int then, int otherwise, int result) : Op
{
    public override void Run(Frame frame)
    {
        var truths = frame.Numbers[condition];
        var (x, y, builder) = (frame.Texts[then], frame.Texts[otherwise], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            TextCopy.Append(builder, truths[row] == 1 ? x : y, row);
        }
    }
}

sealed class ImputeNumber(int operand, int fallback, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Numbers[operand], frame.Numbers[fallback], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = double.IsNaN(x[row]) ? y[row] : x[row];
        }
    }
}

sealed class ImputeTime(int operand, int fallback, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, values) = (frame.Times[operand], frame.Times[fallback], frame.Times[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x[row] == Frame.MissingTime ? y[row] : x[row];
        }
    }
}

sealed class ImputeText(int operand, int fallback, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, builder) = (frame.Texts[operand], frame.Texts[fallback], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            TextCopy.Append(builder, x.IsPresent(row) ? x : y, row);
        }
    }
}

static class TextCopy
{
    public static void Append(ColumnBuilder builder, TextRows texts, int row)
    {
        if (texts.IsPresent(row))
        {
            builder.Append(texts[row]);
        }
        else
        {
            builder.AppendMissing();
        }
    }
}
