using System.Diagnostics;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>What a worker does under one map: piece of work after piece of work, until the training is over.</summary>
/// <remarks>
/// It hands in a piece, and while the servers take it in reads the rows of the piece that probably comes next, so that what those need can come with the
/// answer. It waits once for each piece then.
/// </remarks>
sealed class WorkerCourse
{
    readonly TrainingJob _job;
    readonly EpochCursor _cursor;
    readonly ParameterClient _client;
    readonly TimeProvider _clock;
    readonly IProgress<WorkerStep>? _progress;
    readonly TableRows _needs;
    readonly IWorkPush _push;
    readonly bool _isSynchronous;
    readonly SpanPace _spans;

    // The work whose rows the cursor and the needs are of.
    WorkLease? _read;
    WorkLease _last = new(-1, 0, 0);

    public WorkerCourse(
        TrainingJob job, Replica replica, EpochCursor cursor, ParameterClient client, TimeProvider clock, IProgress<WorkerStep>? progress)
    {
        (_job, _cursor, _client, _clock, _progress) = (job, cursor, client, clock, progress);
        _needs = new TableRows(replica);
        _push = replica.PushThrough(client, _needs);
        _spans = new SpanPace(clock);
        _isSynchronous = job.Consistency == Consistency.Synchronous;
    }

    /// <exception cref="ShardLostException">A primary does not answer.</exception>
    /// <exception cref="OperationCanceledException">The worker is to leave.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (sent, received) = (_client.BytesSent, _client.BytesReceived);
            var asked = _clock.GetTimestamp();
            var status = _client.Lease(out var lease);
            waited += _clock.GetElapsedTime(asked) + _client.Waited;
            if (status == FrameStatus.Finished)
            {
                return;
            }

            if (status == FrameStatus.Ok)
            {
                ParameterMetrics.WaitSeconds.Record(waited.TotalSeconds);
                var rowCount = Learn(lease);
                _progress?.Report(new WorkerStep(lease.Step, rowCount, waited));
                (_last, waited) = (lease, TimeSpan.Zero);
            }

            ParameterMetrics.BytesSent.Add(_client.BytesSent - sent);
            ParameterMetrics.BytesReceived.Add(_client.BytesReceived - received);
        }
    }

    /// <returns>From how many rows.</returns>
    int Learn(in WorkLease lease)
    {
        var rowCount = Read(lease);
        using var activity = _spans.StartStep();
        activity?.SetTag("job", _job.Id).SetTag("step", lease.Step).SetTag("rows", rowCount);
        if (!Pull(lease, activity))
        {
            return 0;
        }

        if (!_isSynchronous)
        {
            _push.Whole(_cursor.Batch, lease.Step);
            Push(lease, activity);
            return rowCount;
        }

        _push.Parts(_cursor.Batch, lease.Step, lease.FirstPart, lease.PartCount, isEach: false);
        if (Push(lease, activity) == FrameStatus.Overlap)
        {
            // A server has some of what was summed up.
            Read(lease);
            _push.Parts(_cursor.Batch, lease.Step, lease.FirstPart, lease.PartCount, isEach: true);
            Push(lease, activity);
        }

        return rowCount;
    }

    bool Pull(in WorkLease lease, Activity? step)
    {
        using var activity = SpanPace.StartBelow(step, "pull");
        var started = _clock.GetTimestamp();
        var isPulled = _client.Pull(_isSynchronous ? lease.Step : -1, _needs);
        ParameterMetrics.PullSeconds.Record(_clock.GetElapsedTime(started).TotalSeconds);
        return isPulled;
    }

    /// <summary>Reads the rows of a piece of work, unless they have been.</summary>
    /// <returns>How many.</returns>
    int Read(in WorkLease lease)
    {
        var (first, count) = RowsOf(lease);
        if (_read != lease)
        {
            _cursor.Read((int)(lease.Step / _job.BatchesPerEpoch), lease.Step % _job.BatchesPerEpoch, _job.Training.BatchSize, first, count);
            _needs.Set(_cursor.Batch, first, Math.Min(count, _cursor.Batch.RowCount - first));
            _read = lease;
        }

        return Math.Min(count, _cursor.Batch.RowCount - first);
    }

    (int First, int Count) RowsOf(in WorkLease lease) => _isSynchronous
        ? (lease.FirstPart * _push.PartRows, lease.PartCount * _push.PartRows)
        : (0, _job.Training.BatchSize);

    FrameStatus Push(in WorkLease lease, Activity? step)
    {
        using var activity = SpanPace.StartBelow(step, "push");
        var started = _clock.GetTimestamp();
        var status = _client.BeginPush(lease.Step);
        if (status != FrameStatus.Overlap)
        {
            var guess = Guess(lease);
            if (guess is { } next)
            {
                Read(next);
            }

            status = _client.Ask(lease.Step, status, guess, _needs);
        }

        ParameterMetrics.PushSeconds.Record(Math.Max(0, (_clock.GetElapsedTime(started) - _client.Waited).TotalSeconds));
        return status;
    }

    /// <summary>The same parts of the batch after; where batches are handed out one by one, as many batches on as the last time.</summary>
    WorkLease? Guess(in WorkLease lease)
    {
        var step = lease.Step + (_isSynchronous ? 1 : Math.Max(1, lease.Step - _last.Step));
        if (step >= _job.Training.Epochs * _job.BatchesPerEpoch)
        {
            return null;
        }

        if (!_isSynchronous)
        {
            return new WorkLease(step, 0, 1);
        }

        // Whoever had all parts of a batch will have all of the next, which may be shorter or longer.
        var (parts, lastParts) = (PartsOf(step), PartsOf(lease.Step));
        var end = lease.FirstPart + lease.PartCount == lastParts ? parts : Math.Min(parts, lease.FirstPart + lease.PartCount);
        return end > lease.FirstPart ? new WorkLease(step, lease.FirstPart, end - lease.FirstPart) : null;
    }

    int PartsOf(long step)
    {
        var rows = Math.Min(_job.Training.BatchSize, _job.RowCount - step % _job.BatchesPerEpoch * _job.Training.BatchSize);
        return (int)((rows + _push.PartRows - 1) / _push.PartRows);
    }
}
