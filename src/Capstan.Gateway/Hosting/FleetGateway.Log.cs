using Microsoft.Extensions.Logging;

namespace Capstan.Gateway;

public sealed partial class FleetGateway
{
    [LoggerMessage(20, LogLevel.Error, "Request {RequestId} to {Path} failed.")]
    partial void LogFailure(Exception failure, string requestId, string path);

    [LoggerMessage(21, LogLevel.Warning, "Model {Model} went back to its split before: {Reason}.")]
    partial void LogRolledBack(string model, string reason);

    [LoggerMessage(22, LogLevel.Error, "Model {Model} should go back to its split before, but can't: {Reason}.")]
    partial void LogNotRolledBack(Exception problem, string model, string reason);

    [LoggerMessage(23, LogLevel.Error, "The routes that are kept can't be followed; this gateway goes on with those it knows.")]
    partial void LogNotFollowed(Exception problem);
}
