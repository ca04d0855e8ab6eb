using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// How long a caller waits, as it says in <c>X-Capstan-Timeout-Ms</c>: what would come too late is not computed at all.
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
            return default;
        }

        return int.TryParse(sent[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? new RequestDeadline(time, milliseconds)
            : throw new RefusedRequestException(HttpProblems.InvalidTimeout(sent[0] ?? ""));
    }

    /// <exception cref="RefusedRequestException">The caller waits no longer.</exception>
    public void Require()
    {
        if (_time is not null && _time.GetElapsedTime(_started).TotalMilliseconds >= _milliseconds)
        {
            throw new RefusedRequestException(HttpProblems.DeadlineExceeded(_milliseconds));
        }
    }
}
