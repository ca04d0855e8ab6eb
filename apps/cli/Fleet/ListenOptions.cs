using System.Net;

namespace Capstan.Cli;

/// <summary>What commands that listen have in common.</summary>
static class ListenOptions
{
    /// <exception cref="UsageException">It is no address.</exception>
    public static IPAddress AddressOf(string host) => host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : throw new UsageException($"--host was given '{host}', expected an address such as 127.0.0.1, ::1 or 0.0.0.0.");

    /// <param name="option">What it was given by.</param>
    /// <exception cref="UsageException">It is no port.</exception>
    public static int PortOf(int port, string option = "--port") => port is >= 0 and <= IPEndPoint.MaxPort
        ? port
        : throw new UsageException($"{option} was given {port}, expected 0 to {IPEndPoint.MaxPort}.");

    /// <summary>Waits until the command is told to stop, which is how listening ends well.</summary>
    public static Task UntilCancelledAsync(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
