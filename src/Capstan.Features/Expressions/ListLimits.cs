namespace Capstan.Features;

/// <summary>
/// How large n-grams may become; nested in each other they could otherwise fill any memory from one ordinary row.
/// </summary>
static class ListLimits
{
    /// <summary>Items in one n-gram.</summary>
    public const int LongestNGram = 20;

    /// <summary>
    /// The list is missing if it would have more items than this, or more bytes of text than <see
    /// cref="TextLimits.LargestMade"/>.
    /// </summary>
    public const int MostItems = 1 << 20;
}
