using System.Net;
using Orleans;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Capstan.Cluster;

/// <summary>Which nodes a program outside the cluster may talk to: the active ones of the membership table.</summary>
sealed class GatewayList(MembershipTable members) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => members.InitializeMembershipTable(false);

    public async Task<IList<Uri>> GetGateways() =>
    [
        .. (await members.ReadAll()).Members.Select(member => member.Item1)
            .Where(entry => entry is { Status: SiloStatus.Active, ProxyPort: > 0 })
            .Select(entry => SiloAddress.New(new IPEndPoint(entry.SiloAddress.Endpoint.Address, entry.ProxyPort), entry.SiloAddress.Generation)
                .ToGatewayUri()),
    ];
}
