using Capstan.Data;

namespace Capstan.Features;

/// <summary>An integer, number or boolean column into a number register.</summary>
sealed class LoadNumber(int input, int result) : Op
{
    public override void Run(Frame frame)
    {
        var column = frame.Inputs[input];
        var values = frame.Numbers[result].AsSpan(0, frame.Count);
        switch (column.Type)
        {
            case DataType.Int64:
                var words = column.Int64s.Slice(frame.Start, frame.Count);
                for (var row = 0; row < values.Length; row++)
                {
                    values[row] = words[row];
                }

                break;
            case DataType.Float64:
                NumberKernels.Load(column.Float64s.Slice(frame.Start, frame.Count), values);
                break;
            default:
                for (var row = 0; row < values.Length; row++)
                {
                    values[row] = column.BooleanAt(frame.Start + row) ? 1 : 0;
                }

                break;
        }

        if (column.MissingCount > 0)
        {
            NumberKernels.MaskMissing(column.Validity, frame.Start, values);
        }
    }
}

sealed class LoadTime(int input, int result) : Op
{
    public override void Run(Frame frame)
    {
        var column = frame.Inputs[input];
        var values = frame.Times[result].AsSpan(0, frame.Count);
        column.Int64s.Slice(frame.Start, frame.Count).CopyTo(values);
        for (var row = 0; column.MissingCount > 0 && row < values.Length; row++)
        {
            if (!column.IsPresent(frame.Start + row))
            {
                values[row] = Frame.MissingTime;
            }
        }
    }
}

/// <summary>A text column: the register refers to its rows, nothing is copied.</summary>
sealed class LoadText(int input, int result) : Op
{
    public override void Run(Frame frame) => frame.Texts[result] = new TextRows(frame.Inputs[input], frame.Start);
}

/// <summary>A column of lists, as <see cref="LoadText"/>.</summary>
sealed class LoadList(int input, int result) : Op
{
    public override void Run(Frame frame) => frame.Lists[result] = new ListRows(frame.Inputs[input], frame.Start);
}

/// <summary>The exact decimal form of an integer column, beyond the 53 bits that a number register holds.</summary>
sealed class IntegerToText(int input, int result) : Op
{
    public override void Run(Frame frame)
    {
        Span<byte> digits = stackalloc byte[CategoryText.MaxBytes];
        var column = frame.Inputs[input];
        var builder = frame.BeginText(result);
        for (var row = frame.Start; row < frame.Start + frame.Count; row++)
        {
            if (column.IsPresent(row))
            {
                builder.Append(digits[..CategoryText.Write(column.Int64s[row], digits)]);
            }
            else
            {
                builder.AppendMissing();
            }
        }
    }
}

sealed class NumberToText(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        Span<byte> digits = stackalloc byte[CategoryText.MaxBytes];
        var builder = frame.BeginText(result);
        foreach (var value in frame.Number(operand))
        {
            if (double.IsNaN(value))
            {
                builder.AppendMissing();
            }
            else
            {
                builder.Append(digits[..CategoryText.Write(value, digits)]);
            }
        }
    }
}
