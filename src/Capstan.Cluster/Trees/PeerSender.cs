using Capstan.Parameters;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>A thread that sends to one peer, while the thread that has begun it receives.</summary>
sealed class PeerSender
{
    readonly SemaphoreSlim _begun = new(0);
    readonly SemaphoreSlim _ended = new(0);
    PeerPart _part;
    long _number;
    ChannelException? _fault;
    bool _isUnderWay;
    volatile bool _isOver;

    public PeerSender(Channel channel) => new Thread(() => Run(channel)) { IsBackground = true, Name = "Capstan trees" }.Start();

    public void Begin(PeerPart part, long number)
    {
        (_part, _number, _isUnderWay) = (part, number, true);
        _begun.Release();
    }

    /// <summary>Returns when what was begun is sent; at once if nothing was.</summary>
    /// <exception cref="ChannelException">It could not be.</exception>
    public void End()
    {
        Await();
        if (_fault is not null)
        {
            throw _fault;
        }
    }

    /// <summary>Returns when nothing is read any more of what was to be sent.</summary>
    public void Await()
    {
        if (_isUnderWay)
        {
            _ended.Wait();
            _isUnderWay = false;
        }
    }

    /// <summary>Ends the thread when it has done what was begun.</summary>
    public void Stop()
    {
        _isOver = true;
        _begun.Release();
    }

    void Run(Channel channel)
    {
        while (true)
        {
            _begun.Wait();
            if (_isOver)
            {
                // Also where something was begun at the same moment.
                _ended.Release();
                return;
            }

            try
            {
                PeerMesh.Send(channel, _part, _number);
            }
            catch (ChannelException fault)
            {
                _fault = fault;
            }

            _ended.Release();
        }
    }
}
