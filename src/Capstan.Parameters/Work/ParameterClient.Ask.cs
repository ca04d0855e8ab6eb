using System.Runtime.InteropServices;

namespace Capstan.Parameters;

/// <summary>How a worker hands in its work and has the next with the answer, parameters included: it waits once for each piece.</summary>
sealed partial class ParameterClient
{
    // What came with the answer to the last push, until it is taken up.
    (FrameStatus Status, WorkLease Lease)? _next;
    AskedPull _came;
    long _cameVersion;

    /// <summary>How long the server held the answer to the last push because there was no work; 0 if work was asked for without one.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Hands in what was filled in, as <see cref="Push"/> does, without waiting for the answer of the first shard.</summary>
    /// <returns>Overlap if nothing was handed in there; else <see cref="Ask"/> has to follow.</returns>
    public FrameStatus BeginPush(long step)
    {
        var worst = PushToOthers(step);
        if (worst != FrameStatus.Overlap)
        {
            Send(0, Operation.PushThenAsk, step);
        }

        return worst;
    }

    /// <summary>
    /// Asks for the next work, with the parameters for what that probably is, and takes the answer to the push begun before as well.
    /// <see cref="Lease"/> and <see cref="Pull"/> then find what has come.
    /// </summary>
    /// <param name="others">What the other shards answered to the push.</param>
    /// <param name="guess">The work that probably comes; null if there is none to be expected.</param>
    /// <param name="needs">The rows that it needs.</param>
    public FrameStatus Ask(long step, FrameStatus others, WorkLease? guess, TableRows needs)
    {
        var frame = _channels[0].Out;
        frame.Write(guess ?? new WorkLease(-1, 0, 0));
        if (guess is not null)
        {
            WritePull(0, true, needs);
        }
        else
        {
            frame.Write(_replica.DenseSegments[0].IsEmpty ? 0 : 1);
            frame.Write(0);
        }

        Send(0, Operation.Ask, step);
        try
        {
            return Worse(others, TakeAnswer(needs));
        }
        catch (Exception cause) when (cause is ChannelException or FrameException)
        {
            throw Lost(0, cause.Message, cause);
        }
    }

    FrameStatus TakeAnswer(TableRows needs)
    {
        var channel = _channels[0];
        var header = channel.ReceiveHeader();
        var pushed = TakePushed(0, header.Status);
        if (pushed == FrameStatus.Overlap)
        {
            _keys[0].Clear();
            return pushed;
        }

        var leased = (FrameStatus)Read<int>(channel);
        Waited = TimeSpan.FromSeconds(Read<double>(channel));
        var lease = Read<WorkLease>(channel);
        _came = (AskedPull)Read<int>(channel);
        _cameVersion = _job.Consistency == Consistency.Synchronous ? lease.Step : -1;
        _next = leased is FrameStatus.Ok or FrameStatus.NotYet or FrameStatus.Finished ? (leased, lease) : throw Lost(0, $"it answered {leased}");
        switch (_came)
        {
            case AskedPull.Everything:
                TakeRows(0, needs);
                break;
            case AskedPull.Nothing:
                // The question may not have been read to its end.
                _keys[0].Clear();
                return pushed;
        }

        if (!TakeDense(0))
        {
            _came = AskedPull.Nothing;
        }

        return pushed;
    }

    AskedPull TakeWhatCame(long version)
    {
        var came = version == _cameVersion ? _came : AskedPull.Nothing;
        _came = AskedPull.Nothing;
        return came;
    }

    static T Read<T>(Channel channel)
        where T : unmanaged
    {
        Span<T> value = stackalloc T[1];
        channel.ReadExactly(MemoryMarshal.AsBytes(value));
        return value[0];
    }
}
