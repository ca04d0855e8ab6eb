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
    CsvRowReader? _csv;
    CsvPredictionWriter? _csvAnswers;
    InferMessageReader? _messages;
    InferMessageWriter? _messageAnswers;
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
        return WritePredictions(null);
    }

    /// <summary>As <see cref="Predict"/>, for a client of an endpoint of Vertex AI, which is told who answered.</summary>
    /// <param name="body">Its member "parameters" is passed over.</param>
    /// <exception cref="RefusedRequestException">The body is not what the model takes.</exception>
    public ReadOnlyMemory<byte> PredictEndpoint(in System.Buffers.ReadOnlySequence<byte> body, in AnsweringModel answering)
    {
        _reader.Read(Contiguous(body), InstanceReader.InstancesMember, takesParameters: true);
        return WritePredictions(answering);
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

    /// <summary>Looks at the first record of a CSV body.</summary>
    /// <param name="isHeader">Whether it must be a header (true), can't be one (false), or is one if it names columns (null).</param>
    /// <returns>Whether it is a header; if not, it is yet to be added.</returns>
    /// <exception cref="RefusedRequestException">It must be a header, and is none of this model.</exception>
    public bool BeginCsv(in System.Buffers.ReadOnlySequence<byte> record, bool? isHeader) =>
        Csv.Begin(Contiguous(record), isHeader);

    /// <summary>Forgets the records that were added, but not what the header said.</summary>
    public void ClearCsv() => Csv.Clear();

    /// <summary>Reads a record of CSV as one more row.</summary>
    /// <param name="number">The row's number from 0, for messages.</param>
    /// <exception cref="RefusedRequestException">The record is not what the model takes.</exception>
    public void AddCsv(in System.Buffers.ReadOnlySequence<byte> record, int number) => Csv.Add(Contiguous(record), number);

    /// <summary>The predictions of the records added, a record for each.</summary>
    /// <param name="first">The number of the first of them.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite.</exception>
    public ReadOnlyMemory<byte> AnswerCsv(int first, bool withHeader)
    {
        var writer = _csvAnswers ??= new CsvPredictionWriter(model, _writer);
        var rows = Csv.Batch;
        return model.HasIntervals
            ? writer.Write(ScoreIntervals(rows, out var bounds), bounds, first, withHeader)
            : writer.Write(Score(rows), [], first, withHeader);
    }

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

    /// <summary>Answers a ModelInferRequest of the Open Inference Protocol, as gRPC sends it.</summary>
    /// <param name="body">The message behind its prefix.</param>
    /// <inheritdoc cref="Infer"/>
    public ReadOnlyMemory<byte> InferMessage(in System.Buffers.ReadOnlySequence<byte> body, string version, string requestId)
    {
        var reader = _messages ??= new InferMessageReader(model.Inputs, names);
        var writer = _messageAnswers ??= new InferMessageWriter(model, _writer);
        reader.Read(Contiguous(GrpcFrame.MessageOf(body)));
        return writer.Write(
            Score(reader.Batch), version, reader.Id.Length > 0 ? reader.Id : requestId, reader.Outputs, reader.IsRaw);
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

    ReadOnlyMemory<byte> WritePredictions(AnsweringModel? answering) => model.HasIntervals
        ? _writer.Write(ScoreIntervals(_reader.Batch, out var bounds), bounds, answering)
        : _writer.Write(Score(_reader.Batch), [], answering);

    /// <summary>[rows] predictions of rows that have been read, with [rows × 2] bounds.</summary>
    ReadOnlySpan<float> ScoreIntervals(ColumnBatch rows, out ReadOnlySpan<float> bounds)
    {
        var predictions = Room(rows.RowCount);
        if (_bounds.Length < 2 * predictions.Length)
        {
            _bounds = new float[2 * _predictions.Length];
        }

        var room = _bounds.AsSpan(0, 2 * predictions.Length);
        if (predictions.Length > 0)
        {
            _scorer.Score(rows, predictions, room);
        }

        OnlyPrediction = predictions.Length == 1 ? predictions[0] : null;
        bounds = room;
        return predictions;
    }

    CsvRowReader Csv => _csv ??= new CsvRowReader(model.Inputs, names);

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
