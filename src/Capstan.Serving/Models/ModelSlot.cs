using Capstan.Data;
using Capstan.Models;
using Microsoft.Extensions.ObjectPool;

namespace Capstan.Serving;

/// <summary>A loaded model with its lanes: as many as requests were ever scored at the same time, reused.</summary>
sealed class ModelSlot
{
    readonly WaitingThreads? _threads;

    public ModelSlot(IServedModel model)
    {
        Require(model);
        Model = model;
        Lanes = new DefaultObjectPool<ScoringLane>(new LanePolicy(model));
        _threads = model.Places > 0 ? new WaitingThreads(model.Places) : null;
    }

    public IServedModel Model { get; }

    public ObjectPool<ScoringLane> Lanes { get; }

    /// <summary>Whether another process computes.</summary>
    public bool IsElsewhere => _threads is not null;

    /// <summary>Scores on a thread that may wait for the process that computes; only where there is one.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the scoring began.</exception>
    /// <exception cref="RefusedRequestException">What is scored is not what the model takes, or the model fails on it.</exception>
    public async ValueTask<T> RunAsync<T>(Func<T> score, CancellationToken cancellationToken)
    {
        try
        {
            return await _threads!.RunAsync(score, cancellationToken); // As the caller knows.
        }
        catch (ForeignModelException failure)
        {
            throw new RefusedRequestException(HttpProblems.ForeignModelFailed(Model.Name, failure));
        }
    }

    /// <summary>Answers the model's own example once, so that the first caller does not wait for what is made on first use.</summary>
    public void WarmUp()
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        InstanceWriter.Write(Model.Examples, 0, 1, body);
        var lane = Lanes.Get();
        lane.Predict(new System.Buffers.ReadOnlySequence<byte>(body.WrittenMemory));
        Lanes.Return(lane);
    }

    static void Require(IServedModel model)
    {
        if (model.Name.Length == 0 ||
            model.Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
        {
            throw new ArgumentException(
                $"The model name '{model.Name}' can't stand in a URL; use letters, digits, '-', '_' and '.' " +
                $"only.", nameof(model));
        }

        if (model.Version.Length == 0 || !model.Version.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException(
                $"Model '{model.Name}' has the version '{model.Version}'; expected a content hash in " +
                $"hexadecimal.", nameof(model));
        }

        if (model.Inputs.Fields.IsEmpty || model.Examples.RowCount == 0)
        {
            throw new ArgumentException($"Model '{model.Name}' has no inputs or no example rows; both are needed to " +
                $"serve it.", nameof(model));
        }

        var classes = model.Output.ClassCount;
        if ((model.Labels?.Count ?? 0) != classes)
        {
            throw new ArgumentException(
                $"Model '{model.Name}' has {model.Labels?.Count ?? 0} labels for {classes} classes; its answers need one for " +
                    $"each.",
                nameof(model));
        }
    }

    sealed class LanePolicy(IServedModel model) : IPooledObjectPolicy<ScoringLane>
    {
        readonly FieldPaths _names = new(model.Inputs.Names.Concat(model.UnusedColumns));

        public ScoringLane Create() => new(model, _names);

        public bool Return(ScoringLane lane) => true;
    }
}
