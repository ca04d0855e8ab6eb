namespace Capstan.Training.Trees;

/// <summary>Those who grow the same trees at the same time, each from a share of the rows, as one of them sees them.</summary>
interface ITreePeers
{
    /// <summary>Which of them this is, from 0.</summary>
    int Rank { get; }

    int Count { get; }

    /// <summary>
    /// Gives every other its part and takes what each of them gives. All do so equally often, and agree on the lengths.
    /// </summary>
    /// <param name="sent">[Count] what goes to whom; one's own is not looked at.</param>
    /// <param name="received">[Count] where what comes from whom goes; one's own is not touched.</param>
    /// <exception cref="PeerLostException">One of them is gone, and with it what all were growing.</exception>
    void Exchange(ReadOnlySpan<PeerPart> sent, ReadOnlySpan<PeerPart> received);
}

/// <summary>Memory that does not move: LightGBM's own, or pinned.</summary>
/// <param name="Length">In bytes.</param>
readonly record struct PeerPart(nint Address, int Length)
{
    public unsafe Span<byte> Bytes => new((void*)Address, Length);
}

/// <summary>Trees can't be grown on, since somebody who grows them as well is gone; what came before is not lost.</summary>
sealed class PeerLostException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Those who should grow the same trees have different rows or options.</summary>
sealed class PeersDisagreeException(int rank, int other) : Exception(
    $"Workers {rank} and {other} do not grow the same trees: their rows, features or options differ. Every worker has to read the same " +
    "data by the same pipeline; has the data changed since the job began?");
