using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

public sealed partial class Replica
{
    [LoggerMessage(2, LogLevel.Error, "The routing table in {File} was refused; the one before it goes on answering.")]
    partial void LogRefused(Exception problem, string file);

    [LoggerMessage(3, LogLevel.Warning, "The routing table in {File} has generation {Found}, but {Current} is in use; it was left alone.")]
    partial void LogOld(string file, long found, long current);
}
