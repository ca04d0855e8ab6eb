using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Where a plan leaves a root expression's values.</summary>
readonly record struct Root(ValueKind Kind, int Register);

/// <summary>
/// Some frozen expressions compiled to a straight line of vector instructions over registers, each common subexpression
/// once. Immutable and shared; a <see cref="Frame"/> holds one execution's values.
/// </summary>
/// <remarks>The fast variant of <see cref="RowReference"/>, with which it agrees to the bit.</remarks>
sealed class Plan
{
    public required Schema Schema { get; init; }

    /// <summary>The raw columns that are read, in the order of <see cref="Frame.Inputs"/>.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    public required ImmutableArray<Op> Ops { get; init; }

    public required ImmutableArray<Root> Roots { get; init; }

    /// <summary>Text registers.</summary>
    public required ImmutableArray<int> TextRoots { get; init; }

    public required int NumberRegisters { get; init; }

    public required int TimeRegisters { get; init; }

    public required int TextRegisters { get; init; }

    public required int CategoryRegisters { get; init; }

    public required int ListRegisters { get; init; }

    /// <summary>The width of each vector register.</summary>
    public required ImmutableArray<int> VectorWidths { get; init; }

    public required ImmutableArray<(int Register, double Value)> NumberConstants { get; init; }

    public required ImmutableArray<(int Register, long Value)> TimeConstants { get; init; }

    public required ImmutableArray<(int Register, string Value)> TextConstants { get; init; }

    /// <summary>Binds a batch's columns to the frame.</summary>
    /// <exception cref="UnknownColumnException">The batch lacks a column.</exception>
    /// <exception cref="ArgumentException">A column has another type than the plan was compiled for.</exception>
    public void Bind(Frame frame, ColumnBatch batch)
    {
        // A server fills the same batch again and again, a file's batches share their schema: names are looked up once.
        if (ReferenceEquals(frame.BoundSchema, batch.Schema))
        {
            for (var index = 0; index < Columns.Length; index++)
            {
                frame.Inputs[index] = batch.Columns[frame.BoundColumns[index]];
            }

            return;
        }

        frame.BoundSchema = null;
        for (var index = 0; index < Columns.Length; index++)
        {
            var column = batch[Columns[index]];
            var expected = Schema[Columns[index]].Type;
            // Integers may stand where numbers are expected: every instruction on numbers takes both.
            if (column.Type != expected && !(expected == DataType.Float64 && column.Type == DataType.Int64))
            {
                ThrowWrongType(Columns[index], column.Type);
            }

            frame.Inputs[index] = column;
            frame.BoundColumns[index] = batch.Schema.IndexOf(Columns[index]);
        }

        frame.BoundSchema = batch.Schema;
    }

    public void Run(Frame frame, int start, int count)
    {
        frame.MoveTo(start, count);
        foreach (var op in Ops)
        {
            op.Run(frame);
        }
    }

    void ThrowWrongType(string column, DataType found) => throw new ArgumentException(
        $"Column '{column}' is {Schema.NameOf(found)} in this batch, but the transform was made for " +
            $"{Schema.NameOf(Schema[column].Type)}. " +
        $"Read the data with the type override {column}={Schema.NameOf(Schema[column].Type)}.");
}
