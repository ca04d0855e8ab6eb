namespace Capstan.Features;

/// <summary>
/// What a reader needs to know of one function or operator of expressions; the reference page and the command line show it.
/// </summary>
/// <param name="Usage">
/// An expression over the columns of <see cref="FunctionExample.Columns"/>, executed as the example; what stands before '(' is
/// the name, or the operator is.
/// </param>
/// <param name="Meaning">What it gives, as the rest of a sentence.</param>
/// <param name="Missing">What it makes of missing values.</param>
public sealed record FunctionEntry(string Usage, string Meaning, string Missing = FunctionEntry.Spreads)
{
    /// <summary>What nearly all functions make of missing values.</summary>
    public const string Spreads = "missing where an operand is";

    /// <summary>As in the text form: <c>log1p</c>, or an operator's symbol.</summary>
    public string Name => Usage.IndexOf('(') is > 0 and var end && Usage[..end].All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        ? Usage[..end]
        : Usage.Split(' ') is [_, var infix, _] ? infix : Usage.Split(' ') is [var prefix, _] ? prefix : Usage[..1];
}

/// <summary>Functions of one subject.</summary>
public sealed record FunctionGroup(string Title, IReadOnlyList<FunctionEntry> Entries);
