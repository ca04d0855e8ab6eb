using System.Collections.Immutable;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>
/// Raw rows with the predictions that the model gave for them right after training: replayed wherever it is loaded.
/// </summary>
public sealed class GoldenRows : IStoredState<GoldenRows>
{
    /// <param name="rows">In the transform's input schema; nobody refills them any more.</param>
    /// <param name="predictions">[rows.RowCount × predictions per row] what <see cref="ModelScorer.Score"/> gave.</param>
    public GoldenRows(ColumnBatch rows, ImmutableArray<float> predictions)
    {
        if (!Fits(rows, predictions))
        {
            throw new ArgumentException(
                $"There are {predictions.Length} predictions for {rows.RowCount} rows.", nameof(predictions));
        }

        Rows = rows;
        Predictions = predictions;
    }

    public ColumnBatch Rows { get; }

    public ImmutableArray<float> Predictions { get; }

    /// <summary>The predictions of one row.</summary>
    public ReadOnlySpan<float> PredictionsOf(int row)
    {
        var width = Predictions.Length / Rows.RowCount;
        return Predictions.AsSpan(row * width, width);
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 2);
        writer.WriteInt32(1);
        BatchCodec.Write(writer, Rows);
        fields.Bytes(2, FloatBytes.Of(Predictions.AsSpan()));
        fields.End();
    }

    public static GoldenRows ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(GoldenRows), 2);
        if (reader.ReadInt32() != 1)
        {
            throw fields.Corrupt("its rows are missing");
        }

        var rows = BatchCodec.Read(reader);
        var predictions = FloatBytes.Read(fields.BytesInPlace(2, int.MaxValue));
        fields.Check(Fits(rows, predictions), $"it has {predictions.Length} predictions for {rows.RowCount} rows");
        fields.End();
        return new GoldenRows(rows, predictions);
    }

    static bool Fits(ColumnBatch rows, ImmutableArray<float> predictions) => rows.RowCount == 0
        ? predictions.IsEmpty
        : predictions.Length > 0 && predictions.Length % rows.RowCount == 0;
}
