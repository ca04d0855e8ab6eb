using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>How a shard is kept on several servers, stored, and taken up.</summary>
sealed partial class Shard
{
    /// <summary>
    /// Takes up a role under a new epoch. The parts of the step under way are forgotten: workers compute them again under the
    /// new epoch, to the same bits.
    /// </summary>
    /// <param name="replicas">Whom a primary has to tell of every push.</param>
    /// <param name="newcomers">Those of them who have to be sent the state first.</param>
    /// <exception cref="ChannelException">A replica does not answer; the shard stays suspended.</exception>
    public void Configure(
        int epoch, bool isPrimary, IReadOnlyList<ServerAddress> replicas, IReadOnlySet<ServerAddress> newcomers, ChannelOptions options)
    {
        using var inOrder = _order.EnterScope();
        lock (_gate)
        {
            if (epoch < Epoch)
            {
                return;
            }

            (Epoch, _isPrimary, _isSuspended) = (epoch, isPrimary, true);
            _parts.Reset();
            DropReplicas();
            foreach (var address in replicas)
            {
                var channel = Channel.Connect(address, options);
                _replicas.Add(channel);
                channel.Out.WriteText(_job.Id);
                channel.Out.WriteText("");
                Ask(channel, Operation.Join, 0);
                if (newcomers.Contains(address))
                {
                    WriteState(channel.Out, withPrevious: _job.Consistency == Consistency.Synchronous);
                    channel.AwaitAnswersFor(TimeSpan.FromSeconds(60));
                    Ask(channel, Operation.State, 0);
                    channel.AwaitAnswersFor(options.ReplyTimeout);
                }
            }

            _isSuspended = false;
            BeginWork();
            Wake();
        }
    }

    /// <summary>Writes the job and the state, for another server to take up.</summary>
    public void WriteState(FrameBuffer frame, bool withPrevious)
    {
        lock (_gate)
        {
            frame.WriteText(TrainingJobText.Of(_job));
            frame.Write(_limit);
            using var stream = new MemoryStream();
            SaveTo(stream, withPrevious);
            frame.Write<byte>(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        }
    }

    /// <summary>Stores the state in a file: aside first, so that no half of it is ever found.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void SaveTo(string path)
    {
        lock (_gate)
        {
            var aside = $"{path}.part";
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
                using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                {
                    SaveTo(stream, withPrevious: false);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(aside, path, overwrite: true);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                StateFile.Drop(aside);
                throw;
            }
        }
    }

    /// <exception cref="Data.CorruptStateException">It is not what was stored.</exception>
    public void RestoreFrom(Stream stream, long limit)
    {
        lock (_gate)
        {
            var reader = CheckpointReader.Open(stream);
            _parts.Reset();
            _state.Restore(reader);
            reader.End();
            _limit = limit;
        }
    }

    void SaveTo(Stream stream, bool withPrevious)
    {
        var writer = new CheckpointWriter(stream);
        _state.Save(writer, withPrevious);
        writer.End();
    }

    FrameStatus Replicate(int epoch, long number, FrameBuffer push)
    {
        foreach (var replica in _replicas)
        {
            try
            {
                replica.Send(Operation.Push, FrameStatus.Ok, Index, epoch, number, push.Content);
            }
            catch (ChannelException)
            {
                return Suspend();
            }
        }

        foreach (var replica in _replicas)
        {
            try
            {
                var reply = replica.Receive();
                if (reply.Status is FrameStatus.Fenced or FrameStatus.Unknown)
                {
                    // It has heard of a newer epoch: this server is no longer whom workers should talk to.
                    Suspend();
                    return FrameStatus.Fenced;
                }
            }
            catch (Exception problem) when (problem is ChannelException or FrameException)
            {
                return Suspend();
            }
        }

        return FrameStatus.Ok;
    }

    void TryTell(Channel replica, long limit, long sumsFrom)
    {
        try
        {
            replica.Out.Clear();
            replica.Out.Write(limit);
            replica.Out.Write(sumsFrom);
            Ask(replica, Operation.Grant, 0);
        }
        catch (Exception problem) when (problem is ChannelException or FrameException)
        {
            Suspend();
        }
    }

    void Ask(Channel channel, Operation operation, long number)
    {
        channel.Send(operation, FrameStatus.Ok, Index, Epoch, number);
        channel.Receive();
    }

    FrameStatus Suspend()
    {
        lock (_gate)
        {
            _isSuspended = true;
            return FrameStatus.Suspended;
        }
    }

    void DropReplicas()
    {
        _replicas.ForEach(replica => replica.Dispose());
        _replicas.Clear();
    }
}
