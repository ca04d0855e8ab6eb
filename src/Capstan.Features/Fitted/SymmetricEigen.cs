namespace Capstan.Features;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix, the same bits on every machine.</summary>
/// <remarks>
/// Cyclic Jacobi rotations, which converge for any symmetric matrix and keep small eigenvalues precise. Eigenvalues descend; of a
/// vector, the number with the largest magnitude (the first of equal ones) is positive. Source: Golub, Van Loan, "Matrix
/// Computations" (4th ed.), §8.5, algorithm 8.5.3.
/// </remarks>
sealed class SymmetricEigen
{
    // Ten are enough for any size here; more can't come about but by numbers that are not finite.
    const int MostSweeps = 60;

    readonly int _size;
    readonly double[,] _matrix;
    readonly double[,] _vectors;

    /// <param name="matrix">[n × n], finite; the lower triangle is not looked at. Overwritten.</param>
    SymmetricEigen(double[,] matrix)
    {
        (_size, _matrix) = (matrix.GetLength(0), matrix);
        _vectors = new double[_size, _size];
        for (var index = 0; index < _size; index++)
        {
            _vectors[index, index] = 1;
        }
    }

    /// <summary>All pairs, by descending eigenvalue; each vector has length 1 and is orthogonal to the others.</summary>
    /// <param name="matrix">[n × n], finite; the lower triangle is not looked at.</param>
    public static IReadOnlyList<(double Value, double[] Vector)> Of(double[,] matrix)
    {
        var eigen = new SymmetricEigen((double[,])matrix.Clone());
        for (var sweep = 0; sweep < MostSweeps && eigen.Sweep(); sweep++)
        {
        }

        return [.. Enumerable.Range(0, eigen._size).Select(eigen.Pair).OrderByDescending(pair => pair.Value)];
    }

    /// <summary>Rotates every pair of axes once; false where all were at rest.</summary>
    bool Sweep()
    {
        var rotated = false;
        for (var p = 0; p < _size; p++)
        {
            for (var q = p + 1; q < _size; q++)
            {
                var (a, b, off) = (_matrix[p, p], _matrix[q, q], _matrix[p, q]);
                // Off-diagonal numbers that no longer change the diagonal are 0.
                if (a + off == a && b + off == b)
                {
                    _matrix[p, q] = 0;
                    continue;
                }

                rotated = true;
                Rotate(p, q, a, b, off);
            }
        }

        return rotated;
    }

    void Rotate(int p, int q, double a, double b, double off)
    {
        var tau = (b - a) / (2 * off);
        // The smaller root; tau may be infinite where off is tiny, and the tangent is then 0.
        var tangent = double.IsFinite(tau * tau) ? (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + tau * tau)) : 0.5 / tau;
        var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
        var sine = tangent * cosine;
        _matrix[p, p] = a - tangent * off;
        _matrix[q, q] = b + tangent * off;
        _matrix[p, q] = 0;
        for (var index = 0; index < _size; index++)
        {
            if (index != p && index != q)
            {
                ref var first = ref _matrix[Math.Min(index, p), Math.Max(index, p)];
                ref var second = ref _matrix[Math.Min(index, q), Math.Max(index, q)];
                (first, second) = (cosine * first - sine * second, sine * first + cosine * second);
            }

            ref var left = ref _vectors[index, p];
            ref var right = ref _vectors[index, q];
            (left, right) = (cosine * left - sine * right, sine * left + cosine * right);
        }
    }

    (double Value, double[] Vector) Pair(int column)
    {
        double[] vector = [.. Enumerable.Range(0, _size).Select(row => _vectors[row, column])];
        var sign = Math.Sign(vector.MaxBy(Math.Abs));
        return (_matrix[column, column], [.. vector.Select(number => number * sign)]);
    }
}
