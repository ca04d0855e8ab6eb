using Microsoft.Extensions.Logging;

namespace Capstan.Serving;

sealed partial class PredictionEndpoints
{
    [LoggerMessage(1, LogLevel.Error, "Request {RequestId} to {Path} failed.")]
    partial void LogFailure(Exception failure, string requestId, string path);
}
