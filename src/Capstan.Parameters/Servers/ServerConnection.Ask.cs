namespace Capstan.Parameters;

/// <summary>How a push and what a worker needs next are answered at once: a training of short steps is a matter of how often one waits.</summary>
sealed partial class ServerConnection
{
    // What became of the push before the question.
    FrameStatus _answered;

    /// <summary>
    /// Answers a push, and if it was taken in, with the next work: how asking for it went, seconds waited for it, the lease; then as much of the
    /// parameters as <see cref="AskedPull"/> says, as a pull is answered.
    /// </summary>
    /// <remarks>The question is the work that the worker believes to get, and the pull that it would need for that.</remarks>
    void Answer(FrameStatus pushed, in FrameHeader request, Shard shard)
    {
        EndLease(shard);
        if (pushed is not (FrameStatus.Ok or FrameStatus.Stale))
        {
            Reply(pushed, request, shard);
            return;
        }

        var asked = server.Clock.GetTimestamp();
        var status = shard.Lease(request.Epoch, _worker, out var lease);
        channel.Out.Write((int)status);
        channel.Out.Write(server.Clock.GetElapsedTime(asked).TotalSeconds);
        channel.Out.Write(lease);
        var place = channel.Out.Length;
        channel.Out.Write((int)AskedPull.Nothing);
        var dense = default(DensePart);
        if (status == FrameStatus.Ok)
        {
            BeginLease(lease);
            var isGuessed = channel.In.Read<WorkLease>() == lease;
            var version = shard.Job.Consistency == Consistency.Synchronous ? lease.Step : -1;
            if (shard.Gather(request.Epoch, version, channel, _pulled, isGuessed, out dense) == FrameStatus.Ok)
            {
                channel.Out.Patch(place, (int)(isGuessed ? AskedPull.Everything : AskedPull.DenseBlocks));
            }
            else
            {
                channel.Out.CutTo(place + sizeof(int));
                dense = default;
            }
        }

        shard.Send(channel, pushed, request.Epoch, request.Number, dense);
    }
}

/// <summary>What of the parameters comes with work. The numbers travel; never reused.</summary>
enum AskedPull : int
{
    Nothing = 0,

    /// <summary>The work is another than was believed, so that it needs other rows.</summary>
    DenseBlocks = 1,

    Everything = 2,
}
