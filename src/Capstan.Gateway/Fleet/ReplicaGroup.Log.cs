using Microsoft.Extensions.Logging;

namespace Capstan.Gateway;

sealed partial class ReplicaGroup
{
    [LoggerMessage(10, LogLevel.Warning, "A replica of model {Model} at {Address} has ended; another is started if needed.")]
    partial void LogExited(string model, Uri address);

    [LoggerMessage(11, LogLevel.Error, "A replica of model {Model} did not start.")]
    partial void LogNotStarted(Exception problem, string model);

    [LoggerMessage(12, LogLevel.Error, "A replica of model {Model} at {Address} takes no routing table; it is stopped.")]
    partial void LogUnreachable(Exception problem, string model, Uri address);
}
