using System.Net;
using Orleans.Runtime;

namespace Capstan.Cluster.Tests;

public sealed class HeardNodesTests
{
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    readonly Clock _clock = new();
    readonly HeardNodes _nodes;

    public HeardNodesTests() => _nodes = new HeardNodes(_clock, Beat);

    [Fact]
    public void Who_reports_no_more_is_silent_since_then()
    {
        Assert.True(_nodes.Hear(Report("a")));
        Assert.False(_nodes.Hear(Report("a")));
        _nodes.Hear(Report("b"));
        for (var beat = 0; beat < 12; beat++)
        {
            _clock.Now += Beat;
            _nodes.Hear(Report("b"));
            _nodes.Listen();
        }

        Assert.Equal(12 * Beat, _nodes.SilenceOf("a"));
        Assert.Equal(TimeSpan.Zero, _nodes.SilenceOf("b"));
        Assert.True(_nodes.Forget("a"));
        Assert.False(_nodes.Forget("a"));
        Assert.Equal(["b"], _nodes.Reports.Select(node => node.Name));
    }

    [Fact]
    public void A_time_in_which_nobody_listened_is_no_silence()
    {
        _nodes.Hear(Report("a"));
        _nodes.Listen();
        _clock.Now += Beat;
        _nodes.Listen();
        _clock.Now += TimeSpan.FromSeconds(20);
        _nodes.Listen();
        Assert.Equal(Beat, _nodes.SilenceOf("a"));

        // Who died meanwhile is missed from then on.
        _clock.Now += Beat;
        _nodes.Listen();
        Assert.Equal(2 * Beat, _nodes.SilenceOf("a"));
    }

    [Fact]
    public void Who_reported_after_the_pause_and_before_the_beat_was_heard_just_now()
    {
        _nodes.Listen();
        _clock.Now += TimeSpan.FromSeconds(20);
        _nodes.Hear(Report("a"));
        _nodes.Listen();
        Assert.Equal(TimeSpan.Zero, _nodes.SilenceOf("a"));
    }

    static NodeReport Report(string name) => new(name, NodeRoles.Both, 1, "", [], SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1));

    sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
