using System.Text.Json;
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

            var line = JsonSerializer.Serialize(new
            {
                time = TimeProvider.System.GetUtcNow(), level = $"{logLevel}", source = name,
                message = formatter(state, exception), exception = exception?.ToString(),
            });
            lock (owner._turn)
            {
                owner.Write(line);
            }
        }
    }

    void Write(string line) => output.WriteLine(line);
}
