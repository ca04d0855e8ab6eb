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
    IExplainer? _explainer;
    ExplanationWriter? _explanations;
    double[] _attributions = [];
    float[] _predictions = [];
    float[] _bounds = [];
    byte[] _contiguous = [];

    /// <summary>From the request's body to the answer's.</summary>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">The body is not what the model takes.</exception>
    public ReadOnlyMemory<byte> Predict(in System.Buffers.ReadOnlySequence<byte> body)
    {
        _reader.Read(Contiguous(body));
        var predictions = Room();
        if (model.HasIntervals)
        {
            return PredictIntervals(predictions);
        }

        if (predictions.Length > 0)
        {
            _scorer.Score(_reader.Batch, predictions);
        }

        return _writer.Write(predictions);
    }

    /// <summary>Like <see cref="Predict"/>, but the answer says why.</summary>
    /// <exception cref="RefusedRequestException">The body is not what the model takes, or the model can't be
    /// explained.</exception>
    public ReadOnlyMemory<byte> Explain(in System.Buffers.ReadOnlySequence<byte> body)
    {
        // Not every model that predicts is ever asked why.
        var explainer = _explainer ??= model.CreateExplainer() ?? throw new RefusedRequestException(RequestProblems.NotExplainable(model.Name));
        var writer = _explanations ??= new ExplanationWriter(model, explainer.Columns, _writer);
        _reader.Read(Contiguous(body));
        var scores = Room();
        var count = checked(scores.Length * explainer.Columns.Length);
        if (_attributions.Length < count)
        {
            _attributions = new double[count];
        }

        var attributions = _attributions.AsSpan(0, count);
        if (scores.Length > 0)
        {
            explainer.Explain(_reader.Batch, scores, attributions);
        }

        return writer.Write(scores, explainer.BaseScores, attributions);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _explanations?.Dispose();
    }

    ReadOnlyMemory<byte> PredictIntervals(Span<float> predictions)
    {
        if (_bounds.Length < 2 * predictions.Length)
        {
            _bounds = new float[2 * _predictions.Length];
        }

        var bounds = _bounds.AsSpan(0, 2 * predictions.Length);
        if (predictions.Length > 0)
        {
            _scorer.Score(_reader.Batch, predictions, bounds);
        }

        return _writer.Write(predictions, bounds);
    }

    /// <summary>[instances × scores] of the request that has been read.</summary>
    Span<float> Room()
    {
        var count = _reader.Batch.RowCount * model.Output.Width;
        if (_predictions.Length < count)
        {
            _predictions = new float[Math.Max(16, count * 2)];
        }

        return _predictions.AsSpan(0, count);
    }

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
