using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>A calibrated predictor as CBOR: family, kind of map, its numbers, and the predictor below. Tags are never reused.</summary>
static class CalibrationCodec
{
    const int Platt = 1;
    const int Isotonic = 2;

    public static void Write(CborWriter writer, int family, CalibratedPredictor predictor, byte[] uncalibrated)
    {
        var (kind, from, to) = predictor.Calibration switch
        {
            ScoreCalibration.Platt platt => (Platt, (float[])[platt.Slope], (float[])[platt.Offset]),
            ScoreCalibration.Isotonic isotonic => (Isotonic, [.. isotonic.From], [.. isotonic.To]),
            _ => throw new UnreachableException(),
        };
        var fields = new StateWriter(writer, 5);
        fields.Number(1, family);
        fields.Number(2, kind);
        fields.Bytes(3, FloatBytes.Of(from));
        fields.Bytes(4, FloatBytes.Of(to));
        fields.Bytes(5, uncalibrated);
        fields.End();
    }

    /// <param name="predictor">Reads the predictor below.</param>
    public static CalibratedPredictor Read(in StateReader fields, Func<byte[], IPredictor> predictor)
    {
        var kind = fields.Number(2, Platt, Isotonic);
        var (from, to) = (FloatBytes.Read(fields.BytesInPlace(3, int.MaxValue)), FloatBytes.Read(fields.BytesInPlace(4, int.MaxValue)));
        var uncalibrated = predictor(fields.Bytes(5, int.MaxValue));
        fields.End();
        fields.Check(kind == Isotonic || (from.Length == 1 && to.Length == 1), "its calibration has not one slope and one offset");
        try
        {
            return new CalibratedPredictor(
                uncalibrated, kind == Platt ? new ScoreCalibration.Platt(from[0], to[0]) : new ScoreCalibration.Isotonic(from, to));
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("predictor", cause.Message.TrimEnd('.'), cause);
        }
    }
}
