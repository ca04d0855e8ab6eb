using Microsoft.Extensions.Logging;

namespace Capstan.Cluster;

sealed partial class SchedulerGrain
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} does not answer; its part of jobs is given to others.")]
    partial void LogSilent(string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The schedule stays as it is: the database or the pool does not answer.")]
    partial void LogFault(Exception fault);
}
