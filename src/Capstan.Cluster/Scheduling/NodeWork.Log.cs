using Microsoft.Extensions.Logging;

namespace Capstan.Cluster;

sealed partial class NodeWork
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "No scheduler answers; what runs goes on: {Fault}")]
    partial void LogUnheard(string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job}: {Member} ended before its time and begins again.")]
    partial void LogPart(Exception fault, string job, string member);
}
