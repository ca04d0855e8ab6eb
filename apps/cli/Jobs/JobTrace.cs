using System.Diagnostics;

namespace Capstan.Cli;

/// <summary>
/// The span of a command that submits a job and waits for it, above those of the job's members: sent where OpenTelemetry's variables name a
/// collector, and below the caller's own span where TRACEPARENT tells it.
/// </summary>
sealed class JobTrace : IDisposable
{
    // As OpenTelemetry's specification has environment variables carry a trace from program to program.
    const string Variable = "TRACEPARENT";

    static readonly ActivitySource Commands = new("Capstan.Cli");

    readonly IDisposable? _sending;
    readonly Activity? _span;
    readonly string? _caller = Environment.GetEnvironmentVariable(Variable);

    JobTrace(string kind)
    {
        _sending = TelemetryOption.StartByVariables();
        var isCalled = ActivityContext.TryParse(_caller, null, isRemote: true, out var caller);
        _caller = isCalled ? _caller : null;
        _span = Commands.StartActivity($"submit {kind}", ActivityKind.Producer, caller);
    }

    public static JobTrace Begin(string kind) => new(kind);

    /// <summary>What members go on from, as W3C's traceparent; null: nobody traces.</summary>
    public string? Parent => _span?.Id ?? _caller;

    public void Of(string job) => _span?.SetTag("job", job);

    public void Dispose()
    {
        _span?.Dispose();
        _sending?.Dispose();
    }
}
