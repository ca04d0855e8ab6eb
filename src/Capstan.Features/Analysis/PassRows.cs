namespace Capstan.Features;

/// <summary>The values of one analyzer's operands in the rows of a tile, in the analyzer's order.</summary>
/// <param name="numbers">Number registers.</param>
/// <param name="texts">Text registers.</param>
readonly ref struct PassRows(Frame frame, ReadOnlySpan<int> numbers, ReadOnlySpan<int> texts)
{
    readonly ReadOnlySpan<int> _numbers = numbers;
    readonly ReadOnlySpan<int> _texts = texts;

    public int Count => frame.Count;

    /// <summary>[Count] values; NaN where one is missing.</summary>
    public ReadOnlySpan<double> Numbers(int operand) => frame.Number(_numbers[operand]);

    /// <summary>The lists of an operand that is one, counted among the numbers.</summary>
    public ListRows Lists(int operand) => frame.Lists[_numbers[operand]];

    public TextRows Texts(int operand) => frame.Texts[_texts[operand]];
}
