using System.Runtime.InteropServices;

namespace Capstan.Parameters;

/// <summary>What a frame asks for. The numbers travel; never reused.</summary>
enum Operation : byte
{
    Reply = 1,
    Join = 2,
    Pull = 3,
    Push = 4,
    Lease = 5,
    Open = 6,
    Assign = 7,
    Configure = 8,
    Grant = 9,
    Status = 10,
    Checkpoint = 11,
    Close = 12,
    State = 13,
    GetMap = 14,
    ReportMap = 15,

    /// <summary>A push whose answer comes with that of the question behind it.</summary>
    PushThenAsk = 16,

    /// <summary>What work is next, and the parameters for it: answered with the push before it.</summary>
    Ask = 17,

    /// <summary>A worker asks for a split to do.</summary>
    TakeSplit = 80,

    /// <summary>It is done, or can't be.</summary>
    AnswerSplit = 81,

    /// <summary>A worker comes to the coordinator of trees, or says why it can't.</summary>
    TreesJoin = 64,

    /// <summary>All are there: who they are, and the trees to go on from.</summary>
    TreesBegin = 65,

    /// <summary>A worker has grown a tree; the first worker's content is the tree.</summary>
    TreesGrown = 66,

    /// <summary>A worker comes to another that grows the same trees.</summary>
    TreesPeer = 67,

    /// <summary>A part of what such workers exchange.</summary>
    TreesPart = 68,
}

/// <summary>What became of a request. The numbers travel; never reused.</summary>
enum FrameStatus : byte
{
    Ok = 0,

    /// <summary>Nothing yet: ask again.</summary>
    NotYet = 1,

    /// <summary>What was asked for is past, or had been taken in before.</summary>
    Stale = 2,

    /// <summary>
    /// The epoch is not the server's, which the reply's epoch is: whoever has the older one asks for a new map.
    /// </summary>
    Fenced = 3,

    /// <summary>The server holds no such shard.</summary>
    Unknown = 4,

    /// <summary>A replica does not answer: the shard takes nothing in before the coordinator has seen to it.</summary>
    Suspended = 5,

    /// <summary>It could not be done; the content says why.</summary>
    Failed = 6,

    /// <summary>The parts summed up here were partly taken in from elsewhere: send them one by one.</summary>
    Overlap = 7,

    /// <summary>The training is over.</summary>
    Finished = 8,

    /// <summary>The server does not remember the keys with this hash: send them.</summary>
    KeysUnknown = 9,
}

/// <summary>What every frame begins with, 32 bytes, little-endian, before the content.</summary>
/// <param name="Number">A version, a step or a count, as the operation has it.</param>
/// <param name="Length">Bytes of content; checked before anything is allocated for them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
readonly record struct FrameHeader(
    uint Magic, Operation Operation, FrameStatus Status, ushort Reserved, int Shard, int Epoch, long Number, long Length)
{
    public const int Bytes = 32;

    /// <summary>"CPF1": the last character is the format's version.</summary>
    public const uint Mark = 0x31465043;

    public FrameHeader(Operation operation, FrameStatus status, int shard, int epoch, long number, long length)
        : this(Mark, operation, status, 0, shard, epoch, number, length)
    {
    }
}
