using System.Net;
using System.Net.Sockets;

namespace Capstan.Cluster;

/// <summary>
/// A port that nobody listens on. Another process may take it before we do, which whoever binds it must expect.
/// </summary>
static class FreePort
{
    public static int At(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
