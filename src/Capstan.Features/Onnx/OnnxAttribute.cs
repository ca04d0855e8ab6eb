using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Features;

/// <summary>A constant argument of an operator, such as the axis of a sum.</summary>
public abstract record OnnxAttribute(string Name)
{
    internal abstract void WriteTo(ProtobufWriter attribute);

    /// <summary>Equal for equal attributes; null where comparing would cost more than it saves.</summary>
    internal abstract string? Key { get; }
}

public sealed record OnnxNumber(string Name, long Value) : OnnxAttribute(Name)
{
    internal override string? Key => string.Create(CultureInfo.InvariantCulture, $"{Name}={Value}");

    internal override void WriteTo(ProtobufWriter attribute)
    {
        attribute.Number(3, Value);
        attribute.Number(20, 2);
    }
}

public sealed record OnnxNumbers(string Name, ImmutableArray<long> Values) : OnnxAttribute(Name)
{
    internal override string? Key => null;

    internal override void WriteTo(ProtobufWriter attribute)
    {
        foreach (var value in Values)
        {
            attribute.Number(8, value);
        }

        attribute.Number(20, 7);
    }
}

public sealed record OnnxText(string Name, string Value) : OnnxAttribute(Name)
{
    internal override string? Key => $"{Name}={Value}";

    internal override void WriteTo(ProtobufWriter attribute)
    {
        attribute.Text(4, Value);
        attribute.Number(20, 3);
    }
}

public sealed record OnnxTexts(string Name, ImmutableArray<string> Values) : OnnxAttribute(Name)
{
    internal override string? Key => null;

    internal override void WriteTo(ProtobufWriter attribute)
    {
        foreach (var value in Values)
        {
            attribute.Text(9, value);
        }

        attribute.Number(20, 8);
    }
}

/// <summary>[Values.Length] double-precision numbers as a tensor.</summary>
public sealed record OnnxDoubles(string Name, ImmutableArray<double> Values) : OnnxAttribute(Name)
{
    internal override string? Key => null;

    internal override void WriteTo(ProtobufWriter attribute)
    {
        attribute.Message(
            5, tensor => OnnxTensor.Write(tensor, Name, OnnxType.Float64, [Values.Length], OnnxTensor.BytesOf(Values.AsSpan())));
        attribute.Number(20, 4);
    }
}

/// <summary>The operators that a loop repeats.</summary>
sealed record OnnxBody(string Name, Action<ProtobufWriter> Write) : OnnxAttribute(Name)
{
    internal override string? Key => null;

    internal override void WriteTo(ProtobufWriter attribute)
    {
        attribute.Message(6, Write);
        attribute.Number(20, 5);
    }
}
