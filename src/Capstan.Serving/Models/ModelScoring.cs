using System.Buffers;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>Why a model did not answer.</summary>
/// <param name="Status">The HTTP status that says so.</param>
/// <param name="Code">A stable word for programs, such as <c>unknown_field</c>; the list is in docs/guide/serving.md.</param>
/// <param name="Message">What was found, where, what was expected, what to do.</param>
/// <param name="Instance">The 0-based position in "instances", or null where the problem is not in one.</param>
/// <param name="Field">The field, or null where the problem is not in one.</param>
public sealed record ScoringRefusal(int Status, string Code, string Message, int? Instance, string? Field)
{
    /// <summary>What a model of another program failed with; null: it did not.</summary>
    internal ForeignModelException? Foreign { get; init; }
}

/// <summary>
/// One model's answers to bodies of prediction requests, for servers that bring their own addresses. Thread-safe; working memory is
/// reused from request to request.
/// </summary>
public sealed class ModelScoring
{
    readonly ModelSlot _slot;

    /// <exception cref="ArgumentException">The model can't be served as it is.</exception>
    public ModelScoring(IServedModel model)
    {
        Model = model;
        _slot = new ModelSlot(model);
    }

    public IServedModel Model { get; }

    /// <summary>Answers <c>{"instances":[…]}</c> with <c>{"predictions":[…]}</c>.</summary>
    /// <param name="body">UTF-8.</param>
    /// <param name="answer">Gets the answer in UTF-8, or nothing where it is refused.</param>
    /// <returns>Why there is no answer; null: there is one.</returns>
    public ScoringRefusal? Predict(in ReadOnlySequence<byte> body, IBufferWriter<byte> answer) => Score(body, answer, explain: false);

    /// <summary>Answers <c>{"instances":[…]}</c> with predictions and what each raw column did for them.</summary>
    /// <inheritdoc cref="Predict"/>
    public ScoringRefusal? Explain(in ReadOnlySequence<byte> body, IBufferWriter<byte> answer) => Score(body, answer, explain: true);

    /// <summary>
    /// As <see cref="Predict"/> or <see cref="Explain"/>, for servers: what another process computes is waited for by threads of the model's own,
    /// so that one that does not answer holds none of those that serve the rest.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before the scoring began.</exception>
    public ValueTask<ScoringRefusal?> ScoreAsync(
        ReadOnlySequence<byte> body, IBufferWriter<byte> answer, bool explain, CancellationToken cancellationToken) => _slot.IsElsewhere
            ? _slot.RunAsync(() => Score(body, answer, explain), cancellationToken)
            : ValueTask.FromResult(Score(body, answer, explain));

    ScoringRefusal? Score(in ReadOnlySequence<byte> body, IBufferWriter<byte> answer, bool explain)
    {
        var lane = _slot.Lanes.Get();
        try
        {
            answer.Write((explain ? lane.Explain(body) : lane.Predict(body)).Span);
            return null;
        }
        catch (RefusedRequestException refused)
        {
            var problem = refused.Problem;
            return new ScoringRefusal(problem.Status, problem.Code, problem.Message, problem.Instance, problem.Field);
        }
        catch (ForeignModelException failure)
        {
            var problem = HttpProblems.ForeignModelFailed(Model.Name, failure);
            return new ScoringRefusal(problem.Status, problem.Code, problem.Message, null, null) { Foreign = failure };
        }
        finally
        {
            _slot.Lanes.Return(lane);
        }
    }
}
