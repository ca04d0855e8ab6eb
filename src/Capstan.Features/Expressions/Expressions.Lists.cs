namespace Capstan.Features;

/// <summary>Lists of texts, and vectors of numbers made of them.</summary>
public static partial class Expressions
{
    public static Expr Split(Expr text, Expr separator) => Call(ScalarFunction.Split, text, separator);

    /// <summary>The longest runs of letters, combining marks and digits.</summary>
    public static Expr Words(Expr text) => Call(ScalarFunction.Words, text);

    /// <summary>The code points of a text.</summary>
    public static Expr Characters(Expr text) => Call(ScalarFunction.Characters, text);

    /// <summary>Every <paramref name="min"/> to <paramref name="max"/> items that stand next to each other, joined.</summary>
    public static Expr NGrams(Expr list, int min, int max, string separator = " ") =>
        Call(ScalarFunction.NGrams, list, min, max, Text(separator));

    public static Expr Distinct(Expr list) => Call(ScalarFunction.Distinct, list);

    public static Expr Count(Expr list) => Call(ScalarFunction.Count, list);

    /// <param name="index">0-based.</param>
    public static Expr Item(Expr list, Expr index) => Call(ScalarFunction.Item, list, index);

    public static Expr Join(Expr list, Expr separator) => Call(ScalarFunction.Join, list, separator);

    /// <summary>Whether an item equals the text.</summary>
    public static Expr Includes(Expr list, Expr text) => Call(ScalarFunction.Includes, list, text);

    public static Expr WordCount(Expr text) => Count(Words(text));

    /// <summary>How often each of the most frequent terms stands in a list: one numeric feature for each.</summary>
    public static Expr BagOfWords(Expr list, int maxSize = 100, long minCount = 1) =>
        new TermVectorExpr(TermWeight.Count, list, new LearnedVectorTerms(maxSize, minCount, true));

    /// <summary>As <see cref="BagOfWords"/>, but 1 for every term that is there.</summary>
    public static Expr MultiHot(Expr list, int maxSize = 100, long minCount = 1) =>
        new TermVectorExpr(TermWeight.Presence, list, new LearnedVectorTerms(maxSize, minCount, true));

    /// <summary>As <see cref="BagOfWords"/>, weighed by <see cref="TermWeight.InverseFrequency"/>.</summary>
    public static Expr TfIdf(Expr list, int maxSize = 100, long minCount = 1, bool isSmooth = true) =>
        new TermVectorExpr(TermWeight.InverseFrequency, list, new LearnedVectorTerms(maxSize, minCount, isSmooth));
}
