namespace Capstan.Features;

/// <summary>Something has no equal among ONNX's operators. It is refused by name; nothing is approximated in its place.</summary>
/// <param name="what">The expression or model, as text.</param>
/// <param name="why">What is missing and what to do, as a sentence.</param>
public sealed class OnnxNotSupportedException(string what, string why) : Exception($"'{what}' can't be exported to ONNX: {why}")
{
    public OnnxNotSupportedException(Expr expression, string why)
        : this(expression.ToString(), why)
    {
    }

    public string What { get; } = what;

    public string Why { get; } = why;
}
