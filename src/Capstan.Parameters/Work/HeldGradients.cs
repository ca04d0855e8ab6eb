namespace Capstan.Parameters;

/// <summary>
/// The significantly-modified filter: of a table's gradients those rows travel of which a number is at least as large as wanted. Others are
/// held back, and added to what comes next for the same row.
/// </summary>
/// <remarks>
/// What is held when a training ends, or its worker dies, is never learned: less than the limit of each number. Source: M. Li et al., OSDI 2014
/// (user-defined filters).
/// </remarks>
/// <param name="width">Numbers of a row.</param>
/// <param name="least">The least size that travels, above 0.</param>
sealed class HeldGradients(int width, float least)
{
    readonly Dictionary<int, float[]> _held = [];
    int[] _rows = [];
    float[] _gradients = [];
    int _count;

    /// <summary>Those that travel, in the order in which they came.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _count);

    /// <summary>[rows × width].</summary>
    public ReadOnlySpan<float> Gradients => _gradients.AsSpan(0, _count * width);

    /// <summary>Sorts a batch's gradients into those that travel and those that are held.</summary>
    /// <param name="rows">Each once.</param>
    public void Pass(ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients)
    {
        if (_rows.Length < rows.Length)
        {
            (_rows, _gradients) = (new int[rows.Length], new float[rows.Length * width]);
        }

        _count = 0;
        for (var place = 0; place < rows.Length; place++)
        {
            var sum = _gradients.AsSpan(_count * width, width);
            gradients.Slice(place * width, width).CopyTo(sum);
            if (_held.TryGetValue(rows[place], out var held))
            {
                Data.ElementKernels.Add(held, sum);
            }

            if (IsSignificant(sum))
            {
                _rows[_count++] = rows[place];
                held?.AsSpan().Clear();
                continue;
            }

            if (held is null)
            {
                _held.Add(rows[place], held = new float[width]);
            }

            sum.CopyTo(held);
        }
    }

    // NaN, too: it has to travel, so that the training is seen to have diverged.
    bool IsSignificant(ReadOnlySpan<float> sum)
    {
        foreach (var value in sum)
        {
            if (!(MathF.Abs(value) < least))
            {
                return true;
            }
        }

        return false;
    }
}
