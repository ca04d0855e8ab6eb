using System.Buffers;
using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// A foreign model in a process of its own. A call that is lost with the process is made once more by a new one: a prediction changes
/// nothing. One that computes for too long is not. Thread-safe; callers wait while the process computes.
/// </summary>
sealed class IsolatedPredictor : IForeignPredictor
{
    const int Attempts = 2;
    const int LossesInARow = 3;

    readonly Lock _gate = new();
    readonly Lock _starting = new();
    readonly IsolationOptions _options;
    readonly byte[] _model;
    HostProcess? _process;
    int _inProgress;
    bool _resting;
    bool _hasAnswered;
    int _losses;
    string _reason = "";
    DateTimeOffset _noStartBefore;

    /// <exception cref="ForeignModelException">No process got through loading it.</exception>
    /// <exception cref="ArgumentException">Its runtime refuses it.</exception>
    public IsolatedPredictor(string runtime, FeatureLayout features, ReadOnlyMemory<byte> content, string binding, IsolationOptions options)
    {
        (Runtime, Features, Content, Binding, _options) = (runtime, features, content, binding, options);
        _model = ForeignMessages.WriteModel(runtime, features, binding);
        Try(_ => { });
    }

    public ModelOutput Output { get; private set; }

    public FeatureLayout Features { get; }

    public string Runtime { get; }

    public ReadOnlyMemory<byte> Content { get; }

    public string Binding { get; }

    public int Places => _options.Places;

    /// <summary>Of the process that runs; null where none does.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_gate)
            {
                return _process?.Id;
            }
        }
    }

    public PredictorWorkspace CreateWorkspace() => new Workspace();

    /// <inheritdoc/>
    /// <exception cref="ForeignModelException">The model fails on these rows, computes for too long, or its process ends again and again.</exception>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (!ReferenceEquals(features.Layout, Features) && !features.Layout.Equals(Features))
        {
            throw new ArgumentException(
                "The features are laid out otherwise than at the import; use the transform that the model was imported with.", nameof(features));
        }

        if (scores.Length != (long)features.RowCount * Output.Width)
        {
            throw new ArgumentException(
                $"There is room for {scores.Length:N0} scores; {features.RowCount:N0} rows need {Output.Width} each.", nameof(scores));
        }

        var own = (Workspace)workspace;
        own.Request.ResetWrittenCount();
        ForeignMessages.WriteFeatures(features, own.Request);
        if (own.Scores.Length < scores.Length)
        {
            own.Scores = new float[scores.Length];
        }

        var count = scores.Length;
        Try(process => process.Ask(own.Request.WrittenSpan, MemoryMarshal.AsBytes(own.Scores.AsSpan(0, count))));
        own.Scores.AsSpan(0, count).CopyTo(scores);
    }

    public void Rest()
    {
        HostProcess? idle = null;
        lock (_gate)
        {
            _resting = _inProgress > 0;
            if (!_resting)
            {
                (idle, _process) = (_process, null);
            }
        }

        idle?.Dispose();
    }

    void Try(Action<HostProcess> call)
    {
        Enter();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                HostProcess? process = null;
                try
                {
                    process = Running();
                    call(process);
                    lock (_gate)
                    {
                        (_losses, _hasAnswered) = (0, true);
                    }

                    return;
                }
                catch (HostLostException lost)
                {
                    Forget(process, lost.Message);
                    if (attempt == Attempts)
                    {
                        throw Failed(process, lost);
                    }
                }
                catch (TimeoutException late)
                {
                    Forget(process, late.Message);
                    throw Failed(process, late);
                }
            }
        }
        finally
        {
            Leave();
        }
    }

    ForeignModelException Failed(HostProcess? process, Exception cause) => new(Runtime, cause.Message, cause)
    {
        Failure = process is null ? ForeignFailure.NotStarted : ForeignFailure.Lost,
    };

    HostProcess Running()
    {
        // All who come while it starts need this very process; who only looks must not wait for that.
        lock (_starting)
        {
            lock (_gate)
            {
                if (_process is { } running)
                {
                    return running;
                }

                if (_losses >= LossesInARow && _options.Time.GetUtcNow() < _noStartBefore)
                {
                    throw new ForeignModelException(
                        Runtime, $"{_reason} That was {_losses} times in a row, so it is not started again before {_noStartBefore:HH:mm:ss} UTC.")
                    {
                        Failure = ForeignFailure.NotStarted,
                    };
                }
            }

            var started = HostProcess.Start(_options, _model, Content.Span, out var output);
            lock (_gate)
            {
                (Output, _hasAnswered) = (output, false);
                return _process = started;
            }
        }
    }

    /// <param name="process">The one that is lost; null where none came up.</param>
    void Forget(HostProcess? process, string reason)
    {
        lock (_gate)
        {
            if (process is not null && process != _process)
            {
                return; // Another call that it had has said so already.
            }

            // What counts is one that comes up and breaks, or does not come up: one that has answered, or had to be ended for what it was asked,
            // is needed again at once.
            _losses = process?.WasLate == true ? 0 : _hasAnswered ? 1 : _losses + 1;
            (_process, _hasAnswered, _reason) = (null, false, reason);
            _noStartBefore = _options.Time.GetUtcNow() +
                TimeSpan.FromSeconds(Math.Min(_options.LongestPause.TotalSeconds, Math.Pow(2, _losses - LossesInARow)));
        }
    }

    void Enter()
    {
        lock (_gate)
        {
            _inProgress++;
        }
    }

    void Leave()
    {
        bool rests;
        lock (_gate)
        {
            rests = --_inProgress == 0 && _resting;
        }

        if (rests)
        {
            Rest();
        }
    }

    sealed class Workspace : PredictorWorkspace
    {
        public ArrayBufferWriter<byte> Request { get; } = new();

        public float[] Scores { get; set; } = [];
    }
}
