using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Capstan.Cli;

/// <summary>A server's log: a JSON object on a line, for people and programs.</summary>
sealed class LineLogger(TextWriter output) : ILoggerProvider
{
    readonly Lock _turn = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    sealed class Category(LineLogger owner, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (name.StartsWith("Capstan", StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = LineOf(logLevel, state, exception, formatter(state, exception));
            lock (owner._turn)
            {
                owner.Write(line);
            }
        }

        string LineOf<TState>(LogLevel level, TState state, Exception? exception, string message)
        {
            var fields = new JsonObject
            {
                ["time"] = TimeProvider.System.GetUtcNow(), ["level"] = $"{level}", ["source"] = name, ["message"] = message,
            };

            // What the message was made of, by name, so that a program need not take it apart again.
            foreach (var (key, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
            {
                if (key != "{OriginalFormat}")
                {
                    fields[$"{char.ToLowerInvariant(key[0])}{key[1..]}"] = $"{value}";
                }
            }

            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                (fields["traceId"], fields["spanId"]) = ($"{activity.TraceId}", $"{activity.SpanId}");
            }

            if (exception is not null)
            {
                fields["exception"] = $"{exception}";
            }

            return fields.ToJsonString();
        }
    }

    void Write(string line) => output.WriteLine(line);
}
