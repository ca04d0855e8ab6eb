using System.Buffers;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace Capstan.Serving;

/// <summary>
/// Scores copies of requests by versions whose answers nobody sees, one after the other, after the callers have theirs. Where
/// copies come faster than they are scored, the newest are left out: a shadow must never cost a caller anything.
/// </summary>
sealed class ShadowScoring : IAsyncDisposable
{
    const int MostWaiting = 256;

    readonly Channel<(VersionSlot Version, byte[] Body)> _copies = Channel.CreateBounded<(VersionSlot, byte[])>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    readonly Task _scoring;

    // Task.Run: scoring is processor work that belongs to no request.
    public ShadowScoring() => _scoring = Task.Run(ScoreAsync);

    public void Mirror(ImmutableArray<VersionSlot> versions, in ReadOnlySequence<byte> body)
    {
        var copy = body.ToArray();
        foreach (var version in versions)
        {
            _copies.Writer.TryWrite((version, copy));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _copies.Writer.TryComplete();
        await _scoring;
    }

    async Task ScoreAsync()
    {
        await foreach (var (version, body) in _copies.Reader.ReadAllAsync())
        {
            version.Counts.CountShadowed(failed: !await TryScoreAsync(version, body));
        }
    }

    static async Task<bool> TryScoreAsync(VersionSlot version, byte[] body)
    {
        try
        {
            var slot = await version.GetAsync();
            var lane = slot.Lanes.Get();
            try
            {
                if (slot.IsElsewhere)
                {
                    await slot.RunAsync(() => lane.Predict(new ReadOnlySequence<byte>(body)), CancellationToken.None);
                }
                else
                {
                    lane.Predict(new ReadOnlySequence<byte>(body));
                }
            }
            finally
            {
                slot.Lanes.Return(lane);
            }

            return true;
        }
        catch (Exception)
        {
            // The edge of a request that nobody waits for: whatever goes wrong in it is counted, and must not end the others.
            return false;
        }
    }
}
