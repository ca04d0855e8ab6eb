using System.Runtime.InteropServices;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>Rows as trees walk them: each one's features side by side.</summary>
static class TreeRows
{
    /// <summary>Gathers some rows out of the buffer's columns.</summary>
    /// <param name="rows">[count × features] numeric features' bits, then categories, row after row; may be longer.</param>
    public static void Gather(FeatureBuffer features, int first, int count, Span<int> rows)
    {
        var numerics = features.Layout.Numerics.Length;
        var width = numerics + features.Layout.Categories.Length;
        for (var index = 0; index < numerics; index++)
        {
            var column = MemoryMarshal.Cast<float, int>(features.Numeric(index).Slice(first, count));
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * width + index] = column[row];
            }
        }

        for (var index = numerics; index < width; index++)
        {
            var column = features.Category(index - numerics).Slice(first, count);
            for (var row = 0; row < column.Length; row++)
            {
                rows[row * width + index] = column[row];
            }
        }
    }
}
