using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// A process that holds a model: started, connected, asked, ended. Thread-safe. It ends with whoever holds it: its standard input is ours, so
/// that closing that (by <see cref="Dispose"/>, by the collector, or because this process is gone) ends it.
/// </summary>
sealed class HostProcess : IDisposable
{
    // The system's limit holds for the program that the shell becomes; what is short of memory shall take this process first.
    const string Limited = """ulimit -d "$1"; echo 1000 2>/dev/null >/proc/self/oom_score_adj; shift; exec "$@" """;

    // Of a refusal, or of what a model says that it gives.
    const int MostWords = 1 << 20;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    readonly Process _process;
    readonly IsolationOptions _options;
    readonly BlockingCollection<HostChannel> _free = [];
    readonly ConcurrentQueue<string> _lastWords;
    volatile bool _wasLate;

    HostProcess(Process process, IsolationOptions options, ConcurrentQueue<string> lastWords) =>
        (_process, _options, _lastWords) = (process, options, lastWords);

    public int Id => _process.Id;

    /// <summary>Whether it was ended because a call took too long.</summary>
    public bool WasLate => _wasLate;

    /// <summary>Starts a process and has it load a model.</summary>
    /// <param name="output">What the model gives for a row.</param>
    /// <exception cref="HostLostException">It did not come up, or ended while it loaded.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="ArgumentException">Its runtime refuses the model.</exception>
    public static HostProcess Start(IsolationOptions options, ReadOnlySpan<byte> model, ReadOnlySpan<byte> content, out ModelOutput output)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-foreign-"); // For this user alone.
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            var place = Path.Combine(folder.FullName, "s");
            listener.Bind(new UnixDomainSocketEndPoint(place));
            listener.Listen(options.Places);
            var process = Launch(options, place);
            var host = new HostProcess(process, options, KeepLastWords(process.StandardError));
            try
            {
                host.Connect(listener);
                output = host.Load(model, content);
                return host;
            }
            catch
            {
                host.Dispose();
                throw;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Asks for the scores of rows.</summary>
    /// <param name="scores">Gets the answer, as bytes.</param>
    /// <exception cref="HostLostException">The process is gone, or was ended since it answered something else.</exception>
    /// <exception cref="TimeoutException">It computed for too long, and was ended.</exception>
    /// <exception cref="ForeignModelException">The model fails on the rows.</exception>
    public void Ask(ReadOnlySpan<byte> features, Span<byte> scores)
    {
        // Who holds a channel either gives it back or ends the process, which ends the waiting.
        if (!_free.TryTake(out var channel, Timeout.Infinite))
        {
            throw Lost(null);
        }

        var answer = Exchange(channel, _options.CallLimit, scores.Length, out var kind, HostFrame.Features, features);
        if (kind == HostFrame.Refusal)
        {
            var problem = Encoding.UTF8.GetString(answer.Span);
            GiveBack(channel);
            throw new ForeignModelException(IsolatedRuntime.Onnx, problem);
        }

        if (kind != HostFrame.Answer || answer.Length != scores.Length)
        {
            End(channel);
            throw new HostLostException($"its process answered {answer.Length:N0} bytes, expected {scores.Length:N0} of scores.", null);
        }

        answer.Span.CopyTo(scores);
        GiveBack(channel);
    }

    public void Dispose()
    {
        _free.CompleteAdding();
        while (_free.TryTake(out var channel))
        {
            channel.Dispose();
        }

        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        _process.Dispose();
    }

    static Process Launch(IsolationOptions options, string place)
    {
        string[] words = [options.Program, .. options.Arguments, place, options.Places.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        var kibibytes = (options.MemoryBytes >> 10).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var settings = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(words[0], words[1..])
            : new ProcessStartInfo("/bin/sh", ["-c", Limited, "sh", kibibytes, .. words]);
        settings.RedirectStandardInput = settings.RedirectStandardError = settings.RedirectStandardOutput = true;
        ChildEnvironment.Reduce(settings.Environment);
        try
        {
            var process = Process.Start(settings)!; // Without the shell of the system, a process is started or this throws.
            process.StandardOutput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception cause)
        {
            throw new HostLostException($"'{options.Program}' can't be run: {cause.Message}", cause);
        }
    }

    void Connect(Socket listener)
    {
        var began = _options.Time.GetTimestamp();
        for (var place = 0; place < _options.Places; place++)
        {
            while (!listener.Poll(LookEvery, SelectMode.SelectRead))
            {
                if (_process.HasExited)
                {
                    throw Lost(null);
                }

                if (_options.Time.GetElapsedTime(began) > Patience)
                {
                    throw new TimeoutException($"its process did not come up within {Patience.TotalSeconds:0} s.");
                }
            }

            _free.Add(new HostChannel(listener.Accept()));
        }
    }

    ModelOutput Load(ReadOnlySpan<byte> model, ReadOnlySpan<byte> content)
    {
        var channel = _free.Take();
        try
        {
            channel.Send(HostFrame.Model, model);
        }
        catch (SocketException cause)
        {
            throw Lost(cause);
        }

        var answer = Exchange(channel, _options.LoadLimit, 0, out var kind, HostFrame.Content, content);
        if (kind == HostFrame.Refusal)
        {
            var problem = Encoding.UTF8.GetString(answer.Span);
            channel.Dispose();
            throw new ArgumentException(problem);
        }

        var output = ForeignMessages.ReadOutput(answer.Span);
        _free.Add(channel);
        return output;
    }

    ReadOnlyMemory<byte> Exchange(
        HostChannel channel, TimeSpan limit, int expected, out HostFrame kind, HostFrame asked, ReadOnlySpan<byte> body)
    {
        try
        {
            channel.Send(asked, body);
            kind = channel.Receive(limit, Math.Max(expected, MostWords), out var answer) ?? throw Lost(null);
            return answer;
        }
        catch (SocketException late) when (late.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            _wasLate = true;
            End(channel);
            throw new TimeoutException($"it computed for more than {limit.TotalSeconds:0.#} s, and its process was ended.", late);
        }
        catch (Exception gone) when (gone is SocketException or HostLostException)
        {
            End(channel);
            throw gone as HostLostException ?? Lost(gone);
        }
    }

    /// <summary>Ends the process, and with it the call that has a channel.</summary>
    void End(HostChannel channel)
    {
        channel.Dispose();
        Dispose();
    }

    void GiveBack(HostChannel channel)
    {
        try
        {
            _free.Add(channel);
        }
        catch (InvalidOperationException)
        {
            channel.Dispose(); // The process has been ended meanwhile.
        }
    }

    HostLostException Lost(Exception? cause) => new(
        $"its process ended{(_lastWords.IsEmpty ? "." : $": {string.Join(' ', _lastWords)}")}", cause);

    /// <summary>Reads what the process complains about, so that it is never kept waiting; holds nothing of the process itself.</summary>
    static ConcurrentQueue<string> KeepLastWords(StreamReader errors)
    {
        const int MostLines = 5;
        const int LongestLine = 300;
        var lines = new ConcurrentQueue<string>();
        _ = ReadAsync();
        return lines;

        async Task ReadAsync()
        {
            try
            {
                while (await errors.ReadLineAsync() is { } line)
                {
                    lines.Enqueue(line.Length > LongestLine ? $"{line[..LongestLine]}…" : line);
                    while (lines.Count > MostLines)
                    {
                        lines.TryDequeue(out _);
                    }
                }
            }
            catch (Exception end) when (end is IOException or ObjectDisposedException)
            {
                // It says nothing any more.
            }
        }
    }
}
