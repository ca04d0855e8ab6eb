using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>
/// LightGBM's network of the current thread, carried by our own messages (<c>LGBM_NetworkInitWithFunctions</c>): what it sums up over all goes
/// through a reduce-scatter, what all shall know through an allgather. LightGBM keeps its network per thread, and so do we: all that grows these
/// trees happens on the thread that joined.
/// </summary>
/// <remarks>
/// Sums are formed in the order of the ranks, whoever answers first: equally many peers with equal rows grow equal trees, to the bit.
/// Each block goes straight to the peer that sums it up: of n peers, each sends and receives (n − 1)/n of a histogram, the least that
/// there can be (R. Thakur, R. Rabenseifner, W. Gropp, IJHPCA 19 (2005), section 4).
/// </remarks>
sealed unsafe class PeerNetwork : IDisposable
{
    [ThreadStatic]
    static PeerNetwork? _ofThread;

    readonly ITreePeers _peers;
    readonly PeerPart[] _sent;
    readonly PeerPart[] _received;
    byte[] _parts = [];
    Exception? _fault;

    PeerNetwork(ITreePeers peers) => (_peers, _sent, _received) = (peers, new PeerPart[peers.Count], new PeerPart[peers.Count]);

    /// <summary>Makes the current thread's LightGBM one of several, until disposed of on this thread.</summary>
    public static PeerNetwork Join(ITreePeers peers)
    {
        LightGbmLibrary.Load();
        var network = new PeerNetwork(peers);
        _ofThread = network;
        LightGbmException.Check(NativeLightGbm.LGBM_NetworkInitWithFunctions(peers.Count, peers.Rank, &ReduceScatter, &Allgather));
        return network;
    }

    /// <summary>Nothing that was grown since counts if somebody is gone.</summary>
    /// <exception cref="PeerLostException">Somebody is.</exception>
    public void ThrowIfLost()
    {
        if (_fault is not null)
        {
            throw _fault as PeerLostException ?? new PeerLostException($"The exchange with the other workers failed: {_fault.Message}", _fault);
        }
    }

    /// <summary>Makes sure that all say the same.</summary>
    /// <param name="word">Equally long everywhere.</param>
    /// <exception cref="PeersDisagreeException">Somebody says something else.</exception>
    public void Agree(ReadOnlySpan<byte> word)
    {
        var words = GC.AllocateUninitializedArray<byte>(word.Length * (_peers.Count + 1), pinned: true);
        word.CopyTo(words);
        for (var peer = 0; peer < _peers.Count; peer++)
        {
            _sent[peer] = new PeerPart(Marshal.UnsafeAddrOfPinnedArrayElement(words, 0), word.Length);
            _received[peer] = new PeerPart(Marshal.UnsafeAddrOfPinnedArrayElement(words, word.Length * (peer + 1)), word.Length);
        }

        _peers.Exchange(_sent, _received);
        for (var peer = 0; peer < _peers.Count; peer++)
        {
            if (peer != _peers.Rank && !_received[peer].Bytes.SequenceEqual(word))
            {
                throw new PeersDisagreeException(_peers.Rank, peer);
            }
        }

        GC.KeepAlive(words); // pinned memory does not move, but nobody else knows of it: the collector takes it
    }

    public void Dispose()
    {
        _ofThread = null;
        LightGbmException.Check(NativeLightGbm.LGBM_NetworkFree());
    }

    /// <param name="input">[Σ lengths] one's own summands of all blocks.</param>
    /// <param name="output">Gets one's own block, summed up over all.</param>
    /// <param name="reducer">Adds (from, to, bytes of an element, bytes).</param>
    [UnmanagedCallersOnly]
    static void ReduceScatter(
        byte* input, int inputBytes, int elementBytes, int* starts, int* lengths, int count, byte* output, int outputBytes,
        delegate* unmanaged<byte*, byte*, int, int, void>* reducer)
    {
        var network = _ofThread!; // LightGBM calls on the thread that joined
        var rank = network._peers.Rank;
        var length = lengths[rank];
        var own = new PeerPart((nint)(input + starts[rank]), length);
        network.Try(
            () =>
            {
                var parts = network.Room((long)length * count);
                for (var peer = 0; peer < count; peer++)
                {
                    network._sent[peer] = new PeerPart((nint)(input + starts[peer]), lengths[peer]);
                    network._received[peer] = peer == rank ? own : new PeerPart(parts + peer * (nint)length, length);
                }

                network._peers.Exchange(network._sent, network._received);
                network._received[0].Bytes.CopyTo(new Span<byte>(output, length));
                for (var peer = 1; peer < count; peer++)
                {
                    (*reducer)((byte*)network._received[peer].Address, output, elementBytes, length);
                }
            },
            // Not for use: it only must do no harm until LightGBM returns.
            () => own.Bytes.CopyTo(new Span<byte>(output, length)));
    }

    /// <param name="input">[lengths[rank]] one's own block.</param>
    /// <param name="output">Gets the blocks of all, each at its start.</param>
    [UnmanagedCallersOnly]
    static void Allgather(byte* input, int inputBytes, int* starts, int* lengths, int count, byte* output, int outputBytes)
    {
        var network = _ofThread!; // LightGBM calls on the thread that joined
        var rank = network._peers.Rank;
        var own = new PeerPart((nint)input, lengths[rank]);
        network.Try(
            () =>
            {
                for (var peer = 0; peer < count; peer++)
                {
                    network._sent[peer] = own;
                    network._received[peer] = new PeerPart((nint)(output + starts[peer]), lengths[peer]);
                }

                network._peers.Exchange(network._sent, network._received);
                own.Bytes.CopyTo(network._received[rank].Bytes);
            },
            () =>
            {
                for (var peer = 0; peer < count; peer++)
                {
                    var block = new Span<byte>(output + starts[peer], lengths[peer]);
                    block.Clear();
                    own.Bytes[..Math.Min(own.Length, peer == rank ? block.Length : 0)].CopyTo(block);
                }
            });
    }

    // No exception may pass through LightGBM's frames, which know nothing of ours: the first is kept, and nothing is exchanged after it.
    void Try(Action exchange, Action otherwise)
    {
        if (_fault is null)
        {
            try
            {
                exchange();
                return;
            }
            catch (Exception fault) // the edge to native code
            {
                _fault = fault;
            }
        }

        otherwise();
    }

    nint Room(long bytes)
    {
        if (_parts.Length < bytes)
        {
            _parts = GC.AllocateUninitializedArray<byte>(checked((int)bytes), pinned: true);
        }

        return Marshal.UnsafeAddrOfPinnedArrayElement(_parts, 0);
    }
}
