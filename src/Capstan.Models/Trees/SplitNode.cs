namespace Capstan.Models;

/// <summary>One question of a decision tree about one feature, and where to go next.</summary>
/// <param name="Feature">
/// The feature asked about: 0-based, numeric features first, then categories, each in the order of the layout. If negative, the
/// complement of a numeric feature whose missing value (<see cref="TreeEnsemble.MissingValues"/>) goes right, whatever the threshold.
/// </param>
/// <param name="Operand">
/// Numeric feature: the bits of a single-precision threshold; a row goes left if its value is at most that. Category: the number of
/// a set in <see cref="TreeEnsemble.CategorySets"/>; a row goes left if its category is in the set.
/// </param>
/// <param name="Left">The next node if 0 or more, else the bitwise complement of a leaf.</param>
/// <param name="Right">As <paramref name="Left"/>.</param>
public readonly record struct SplitNode(int Feature, int Operand, int Left, int Right)
{
    /// <summary>A question about a numeric feature.</summary>
    /// <param name="threshold">
    /// Narrowed to the largest single-precision number that is not above it, which parts single-precision values as it does.
    /// </param>
    public static SplitNode AtMost(int feature, double threshold, int left, int right)
    {
        var narrow = (float)threshold;
        return new SplitNode(
            feature, BitConverter.SingleToInt32Bits(narrow > threshold ? MathF.BitDecrement(narrow) : narrow), left, right);
    }

    /// <summary>The same question, that a missing value answers with no.</summary>
    public SplitNode WithMissingRight() => this with { Feature = ~Asked };

    /// <summary>A question about a category feature.</summary>
    public static SplitNode InSet(int feature, int set, int left, int right) => new(feature, set, left, right);

    /// <summary>The feature asked about, wherever its missing value goes.</summary>
    public int Asked => Feature < 0 ? ~Feature : Feature;

    public bool SendsMissingRight => Feature < 0;

    public float Threshold => BitConverter.Int32BitsToSingle(Operand);
}
