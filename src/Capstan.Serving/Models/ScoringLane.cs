using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// All the working memory that one request in progress needs: reader, columns, scorer, predictions, answer. Not thread-safe.
/// </summary>
sealed class ScoringLane(IServedModel model, FieldPaths names) : IDisposable
{
    static readonly byte[] Examples = [.. "examples"u8];

    readonly InstanceReader _reader = new(model.Inputs, names);
    readonly IScorer _scorer = model.CreateScorer();
    readonly PredictionWriter _writer = new(model);
    // What other protocols need is made when they are first used.
    InputsReader? _columns;
    TensorFlowWriter? _tensorFlow;
    TensorReader? _tensors;
    TensorWriter? _tensorAnswers;
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
        var bytes = Contiguous(body);
        if (InputsReader.Recognizes(bytes))
        {
            var columns = _columns ??= new InputsReader(model.Inputs, names);
            columns.Read(bytes);
            return TensorFlow.WriteOutputs(Score(columns.Batch));
        }

        _reader.Read(bytes);
        return model.HasIntervals ? PredictIntervals(_reader.Batch) : _writer.Write(Score(_reader.Batch));
    }

    /// <summary>Forgets the lines that were added.</summary>
    public void BeginLines() => _reader.Begin();

    /// <summary>Reads one object as one more row.</summary>
    /// <param name="number">The line's number from 0, for messages.</param>
    /// <exception cref="RefusedRequestException">The line is not what the model takes.</exception>
    public void AddLine(in System.Buffers.ReadOnlySequence<byte> line, int number) => _reader.ReadOne(Contiguous(line), number);

    /// <summary>The predictions of the lines added, a line for each.</summary>
    /// <param name="first">The number of the first of them.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite.</exception>
    public ReadOnlyMemory<byte> AnswerLines(int first) => _writer.WriteLines(Score(_reader.Batch), first);

    /// <summary>Of <c>{"examples":[…]}</c>, the probabilities of all classes.</summary>
    /// <exception cref="RefusedRequestException">The body is not what the model takes, or the model is no classifier.</exception>
    public ReadOnlyMemory<byte> Classify(in System.Buffers.ReadOnlySequence<byte> body)
    {
        _reader.Read(Contiguous(body), Examples);
        return TensorFlow.WriteClasses(Score(_reader.Batch));
    }

    /// <summary>Of <c>{"examples":[…]}</c>, the values.</summary>
    /// <exception cref="RefusedRequestException">The body is not what the model takes, or the model is a classifier.</exception>
    public ReadOnlyMemory<byte> Regress(in System.Buffers.ReadOnlySequence<byte> body)
    {
        _reader.Read(Contiguous(body), Examples);
        return TensorFlow.WriteValues(Score(_reader.Batch));
    }

    /// <summary>Answers a request of the Open Inference Protocol.</summary>
    /// <param name="version">Who answers.</param>
    /// <param name="requestId">The answer's id where the request has none.</param>
    /// <exception cref="RefusedRequestException">The body is not what the model takes.</exception>
    public ReadOnlyMemory<byte> Infer(in System.Buffers.ReadOnlySequence<byte> body, string version, string requestId)
    {
        var reader = _tensors ??= new TensorReader(model.Inputs, names);
        var writer = _tensorAnswers ??= new TensorWriter(model, _writer);
        reader.Read(Contiguous(body));
        return writer.Write(Score(reader.Batch), version, reader.Id ?? requestId, reader.Outputs);
    }

    /// <summary>Like <see cref="Predict"/>, but the answer says why.</summary>
    /// <exception cref="RefusedRequestException">The body is not what the model takes, or the model can't be
    /// explained.</exception>
    public ReadOnlyMemory<byte> Explain(in System.Buffers.ReadOnlySequence<byte> body)
    {
        // Not every model that predicts is ever asked why.
        var explainer = _explainer ??= model.CreateExplainer() ?? throw new RefusedRequestException(RequestProblems.NotExplainable(model.Name));
        var writer = _explanations ??= new ExplanationWriter(model, explainer.Columns, _writer);
        OnlyPrediction = null;
        _reader.Read(Contiguous(body));
        var scores = Room(_reader.Batch.RowCount);
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
        _tensorFlow?.Dispose();
        _tensorAnswers?.Dispose();
    }

    /// <summary>What was predicted last, where that was one number.</summary>
    public float? OnlyPrediction { get; private set; }

    ReadOnlyMemory<byte> PredictIntervals(ColumnBatch rows)
    {
        var predictions = Room(rows.RowCount);
        if (_bounds.Length < 2 * predictions.Length)
        {
            _bounds = new float[2 * _predictions.Length];
        }

        var bounds = _bounds.AsSpan(0, 2 * predictions.Length);
        if (predictions.Length > 0)
        {
            _scorer.Score(rows, predictions, bounds);
        }

        OnlyPrediction = predictions.Length == 1 ? predictions[0] : null;
        return _writer.Write(predictions, bounds);
    }

    TensorFlowWriter TensorFlow => _tensorFlow ??= new TensorFlowWriter(model, _writer);

    /// <summary>[rows × predictions] of rows that have been read.</summary>
    ReadOnlySpan<float> Score(ColumnBatch rows)
    {
        var predictions = Room(rows.RowCount);
        if (predictions.Length > 0)
        {
            _scorer.Score(rows, predictions);
        }

        OnlyPrediction = predictions.Length == 1 ? predictions[0] : null;
        return predictions;
    }

    Span<float> Room(int rows)
    {
        var count = rows * model.Output.Width;
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
