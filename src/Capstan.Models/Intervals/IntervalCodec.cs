using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>Intervals as CBOR: kind, coverage, rows, width, and the predictors of quantiles. Tags are never reused.</summary>
static class IntervalCodec
{
    const int Around = 1;
    const int Quantiles = 2;

    public static void Write(CborWriter writer, PredictionIntervals intervals)
    {
        var (kind, width, count) = intervals switch
        {
            PredictionIntervals.Around around => (Around, around.HalfWidth, 4),
            PredictionIntervals.Quantiles quantiles => (Quantiles, quantiles.Widening, 6),
            _ => throw new UnreachableException(),
        };
        var fields = new StateWriter(writer, count);
        fields.Number(1, kind);
        fields.Double(2, intervals.Coverage);
        fields.Number(3, intervals.RowCount);
        fields.Double(4, width);
        if (intervals is PredictionIntervals.Quantiles both)
        {
            fields.Bytes(5, PredictorCodec.ToBytes(both.Lower));
            fields.Bytes(6, PredictorCodec.ToBytes(both.Upper));
        }

        fields.End();
    }

    /// <param name="features">What the artifact's transform gives.</param>
    public static PredictionIntervals Read(CborReader reader, FeatureLayout features)
    {
        var fields = new StateReader(reader, "intervals", 4, 6);
        var kind = fields.Number(1, Around, Quantiles);
        var (coverage, rows, width) = (fields.Finite(2), fields.Number(3, 1, long.MaxValue), fields.Finite(4));
        fields.Check(fields.FieldCount == (kind == Around ? 4 : 6), $"it has {fields.FieldCount} fields, which its kind {kind} has not");
        try
        {
            PredictionIntervals intervals = kind == Around
                ? new PredictionIntervals.Around(coverage, rows, width)
                : new PredictionIntervals.Quantiles(
                    coverage, rows, PredictorCodec.FromBytes(fields.Bytes(5, int.MaxValue), features),
                    PredictorCodec.FromBytes(fields.Bytes(6, int.MaxValue), features), width);
            fields.End();
            return intervals;
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("intervals", cause.Message.TrimEnd('.'), cause);
        }
    }
}
