using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// How long a caller waits, as it says in <c>X-Capstan-Timeout-Ms</c> or, over gRPC, <c>grpc-timeout</c>: what would come too late is not
/// computed at all.
/// </summary>
readonly struct RequestDeadline
{
    public const string Header = "X-Capstan-Timeout-Ms";

    readonly TimeProvider? _time;
    readonly long _started;
    readonly int _milliseconds;

    RequestDeadline(TimeProvider time, int milliseconds) =>
        (_time, _started, _milliseconds) = (time, time.GetTimestamp(), milliseconds);

    /// <summary>Starts the clock; a request without the header has no deadline, and costs no look at the clock.</summary>
    /// <exception cref="RefusedRequestException">The header is no number of milliseconds.</exception>
    public static RequestDeadline Of(HttpContext context, TimeProvider time)
    {
        var sent = context.Request.Headers[Header];
        if (sent.Count == 0)
        {
            return GrpcMilliseconds(context.Request.Headers.GrpcTimeout.ToString()) is { } wait ? new RequestDeadline(time, wait) : default;
        }

        return int.TryParse(sent[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? new RequestDeadline(time, milliseconds)
            : throw new RefusedRequestException(HttpProblems.InvalidTimeout(sent[0] ?? ""));
    }

    /// <summary>"250m" is 250 ms; null for what is no time of gRPC, or a longer one than matters.</summary>
    /// <remarks>Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Timeout".</remarks>
    static int? GrpcMilliseconds(string sent)
    {
        if (sent.Length is < 2 or > 9 || !int.TryParse(sent.AsSpan(0, sent.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        var milliseconds = sent[^1] switch
        {
            'H' => amount * 3_600_000.0,
            'M' => amount * 60_000.0,
            'S' => amount * 1000.0,
            'm' => amount,
            'u' => amount / 1e3,
            'n' => amount / 1e6,
            _ => double.MaxValue,
        };
        return milliseconds <= int.MaxValue ? (int)milliseconds : null;
    }

    /// <summary>How long the caller still waits, 0 at least; null where it does not say.</summary>
    public TimeSpan? Left => _time is null ? null
        : TimeSpan.FromMilliseconds(Math.Max(0, _milliseconds - _time.GetElapsedTime(_started).TotalMilliseconds));

    /// <exception cref="RefusedRequestException">The caller waits no longer.</exception>
    public void Require()
    {
        if (_time is not null && _time.GetElapsedTime(_started).TotalMilliseconds >= _milliseconds)
        {
            throw new RefusedRequestException(HttpProblems.DeadlineExceeded(_milliseconds));
        }
    }
}
