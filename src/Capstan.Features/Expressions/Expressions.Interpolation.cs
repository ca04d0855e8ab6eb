namespace Capstan.Features;

/// <summary>Functions given by some of their values.</summary>
public static partial class Expressions
{
    /// <summary>
    /// The straight line through (places[i], values[i]) and (places[i + 1], values[i + 1]) at x between them; before the first
    /// place the first value, from the last on the last.
    /// </summary>
    /// <param name="places">At least two, strictly increasing.</param>
    /// <param name="values">As many.</param>
    /// <exception cref="ArgumentException">The lists are not as described, or a line is too steep for a double.</exception>
    public static Expr Interpolate(Expr x, double[] places, double[] values)
    {
        if (places.Length < 2 || places.Length != values.Length)
        {
            throw new ArgumentException(
                $"{places.Length} places and {values.Length} values were found; expected as many of each, two at least.",
                nameof(places));
        }

        var slopes = new double[places.Length - 1];
        for (var index = 0; index < slopes.Length; index++)
        {
            var width = places[index + 1] - places[index];
            slopes[index] = (values[index + 1] - values[index]) / width;
            if (!(width > 0) || !double.IsFinite(width) || !double.IsFinite(slopes[index]))
            {
                var found = FormattableString.Invariant($"The places {places[index]} and {places[index + 1]} follow each other");
                throw new ArgumentException(
                    $"{found}; expected increasing ones, between which a line can be drawn.", nameof(places));
            }
        }

        // One lookup of the piece, from which three picks tell the line: its value where it begins, its slope, and where that is.
        var piece = Bucketize(x, places);
        var (begin, slope) = (Pick(piece, [values[0], .. values, 0]), Pick(piece, [0, .. slopes, 0, 0]));
        var from = Pick(piece, [places[0], .. places, 0]);
        return begin + slope * (Clip(x, places[0], places[^1]) - from);
    }
}
