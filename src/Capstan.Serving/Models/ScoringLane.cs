using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// All the working memory that one request in progress needs: reader, columns, scorer, predictions, answer. Not thread-safe.
/// </summary>
sealed class ScoringLane(IServedModel model, FieldPaths names) : IDisposable
{
    readonly InstanceReader _reader = new(model.Inputs, names);
    readonly IScorer _scorer = model.CreateScorer();
    readonly PredictionWriter _writer = new(model);
    float[] _predictions = [];
    byte[] _contiguous = [];

    /// <summary>From the request's body to the answer's.</summary>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">The body is not what the model takes.</exception>
    public ReadOnlyMemory<byte> Predict(in System.Buffers.ReadOnlySequence<byte> body)
    {
        _reader.Read(Contiguous(body));
        var count = _reader.Batch.RowCount * model.Output.Width;
        if (_predictions.Length < count)
        {
            _predictions = new float[Math.Max(16, count * 2)];
        }

        var predictions = _predictions.AsSpan(0, count);
        if (count > 0)
        {
            _scorer.Score(_reader.Batch, predictions);
        }

        return _writer.Write(predictions);
    }

    public void Dispose() => _writer.Dispose();

    ReadOnlySpan<byte> Contiguous(in System.Buffers.ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return body.FirstSpan;
        }

        var length = (int)body.Length;
        if (_contiguous.Length < length)
        {
            _contiguous = new byte[length * 2];
        }

        System.Buffers.BuffersExtensions.CopyTo(body, _contiguous);
        return _contiguous.AsSpan(0, length);
    }
}
