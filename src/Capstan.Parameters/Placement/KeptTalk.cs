namespace Capstan.Parameters;

/// <summary>A connection to one server that is kept for the next question; another one when another server is asked. Thread-safe.</summary>
sealed class KeptTalk(string jobId, ChannelOptions options) : IDisposable
{
    readonly Lock _gate = new();
    (ServerAddress Address, ServerTalk Talk)? _known;

    /// <returns>The default where the server can't be reached, or does not answer.</returns>
    public T? Ask<T>(ServerAddress address, Func<ServerTalk, T> question)
    {
        using var scope = _gate.EnterScope();
        try
        {
            if (_known?.Address != address)
            {
                Drop();
                _known = (address, new ServerTalk(address, jobId, options));
            }

            return question(_known!.Value.Talk); // it has just been set
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            Drop();
            return default;
        }
    }

    public void Dispose() => Drop();

    void Drop()
    {
        _known?.Talk.Dispose();
        _known = null;
    }
}
