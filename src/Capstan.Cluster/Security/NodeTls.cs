using Orleans.Connections.Security;

namespace Capstan.Cluster;

/// <summary>A node's certificate in Orleans' terms: shown to every peer, and asked of every peer.</summary>
static class NodeTls
{
    public static void Configure(TlsOptions tls, NodeCertificate certificate)
    {
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (peer, _, _) => certificate.Trusts(peer);
        tls.LocalClientCertificateSelector = (_, _, _, _, _) => certificate.Own;
        tls.OnAuthenticateAsClient = (_, options) => options.TargetHost = "capstan";
    }
}
