namespace Capstan.Features;

/// <summary>How a term of a list counts. The numbers are written into artifacts and never reused.</summary>
public enum TermWeight : byte
{
    /// <summary>How often the term stands in the list.</summary>
    Count = 1,

    /// <summary>1 where the term stands in the list, else 0.</summary>
    Presence = 2,

    /// <summary>
    /// Term frequency times inverse document frequency: the term's share of the list's items, times 1 + ln((lists + 1) / (lists
    /// with the term + 1)) if smoothed, else 1 + ln(lists / lists with the term); over the lists of the training rows that are
    /// not missing. The formulas of tf.Transform.
    /// </summary>
    InverseFrequency = 3,
}

/// <summary>The terms that are the elements of a vector.</summary>
public abstract record VectorTerms
{
    /// <summary>Each is a numeric feature, dense in memory.</summary>
    public const int MostTerms = 10_000;

    private protected VectorTerms()
    {
    }
}

/// <summary>
/// The terms that stand in most lists of the training rows, found by fitting: at most <paramref name="MaxSize"/>, each in at
/// least
/// <paramref name="MinCount"/> of them; equally frequent ones in reverse byte order.
/// </summary>
/// <param name="IsSmooth">As <see cref="TermWeight.InverseFrequency"/> says; true for the other weights.</param>
public sealed record LearnedVectorTerms(int MaxSize, long MinCount, bool IsSmooth) : VectorTerms;

/// <summary>
/// Distinct terms, each with the factor that its number is multiplied by (1 for <see cref="TermWeight.Count"/> and presence).
/// </summary>
public sealed record FixedVectorTerms(ValueList<string> Values, ValueList<double> Factors) : VectorTerms;
