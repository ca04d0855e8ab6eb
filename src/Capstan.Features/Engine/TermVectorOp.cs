using Capstan.Data;

namespace Capstan.Features;

/// <summary>A register of vectors: the value of element e of a tile's row r stands at e · rows + r.</summary>
sealed class TermVectors(int width)
{
    double[] _values = [];
    int _rows;

    public int Width { get; } = width;

    /// <summary>[rows] values of one element; NaN where the vector is missing.</summary>
    public Span<double> this[int element] => _values.AsSpan(element * _rows, _rows);

    /// <summary>Sets the number of rows and every value to 0.</summary>
    public void Begin(int rows)
    {
        if (_values.Length < Width * rows)
        {
            _values = new double[Width * rows];
        }

        _rows = rows;
        _values.AsSpan(0, Width * rows).Clear();
    }
}

/// <summary>Counts the terms of lists, and weighs the counts.</summary>
sealed class TermVectorOp(TermWeight weight, FixedVectorTerms terms, int operand, int result) : Op
{
    readonly TermTable _table = new(terms.Values);
    readonly double[] _factors = [.. terms.Factors];

    public override void Run(Frame frame)
    {
        var (x, vectors) = (frame.Lists[operand], frame.Vectors[result]);
        vectors.Begin(frame.Count);
        for (var row = 0; row < frame.Count; row++)
        {
            for (var (item, end) = (x[row].Start.Value, x[row].End.Value); item < end; item++)
            {
                if (_table.IndexOf(x.ItemAt(item)) is >= 0 and var element)
                {
                    vectors[element][row] = weight == TermWeight.Presence ? 1 : vectors[element][row] + 1;
                }
            }
        }

        for (var element = 0; element < vectors.Width; element++)
        {
            Weigh(vectors[element], x, _factors[element]);
        }
    }

    void Weigh(Span<double> values, ListRows lists, double factor)
    {
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = !lists.IsPresent(row) ? double.NaN
                : values[row] == 0 ? 0
                : NumberKernels.Finite(
                    (weight == TermWeight.InverseFrequency ? values[row] / lists.CountAt(row) : values[row]) * factor);
        }
    }
}
