using Capstan.Data;

namespace Capstan.Features;

/// <summary>If over lists: the second where the condition is not true.</summary>
sealed class ChooseList(int condition, int then, int otherwise, int result) : Op
{
    public override void Run(Frame frame)
    {
        var truths = frame.Numbers[condition];
        var (x, y, builder) = (frame.Lists[then], frame.Lists[otherwise], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            var chosen = truths[row] == 1 ? x : y;
            builder.AppendFrom(chosen.Column, chosen.Start + row);
        }
    }
}

sealed class ImputeList(int operand, int fallback, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, y, builder) = (frame.Lists[operand], frame.Lists[fallback], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            var chosen = x.IsPresent(row) ? x : y;
            builder.AppendFrom(chosen.Column, chosen.Start + row);
        }
    }
}

sealed class ListIsMissing(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Lists[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? 0 : 1;
        }
    }
}
