using Capstan.Parameters;

namespace Capstan.Cluster;

/// <summary>How parameters travel between the nodes of a cluster: under its token, and under its certificate where all nodes have the same.</summary>
static class MemberChannel
{
    public static ChannelOptions Of(NodeOptions options) => new(options.Token.Text) { Certificate = options.Certificate?.Own };
}
