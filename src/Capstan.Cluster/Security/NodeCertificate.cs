using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster;

/// <summary>
/// TLS between nodes: each shows a certificate, and takes only peers whose certificate the same authority has signed. Names are
/// not compared: nodes come and go on machines whose names nobody knew when the certificate was made.
/// </summary>
/// <param name="Own">With its private key.</param>
/// <param name="Authority">The one certificate that must be at the root of a peer's; the node's own where it signed
/// itself.</param>
public sealed record NodeCertificate(X509Certificate2 Own, X509Certificate2 Authority)
{
    /// <summary>Reads PEM files.</summary>
    /// <param name="certificate">The certificate, and the private key in the same file or <paramref name="key"/>.</param>
    public static NodeCertificate Load(string certificate, string? key, string? authority)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        // A key read from PEM is ephemeral, which TLS does not take everywhere; one from PKCS #12 it does.
        var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return new NodeCertificate(own, authority is null ? own : X509CertificateLoader.LoadCertificateFromFile(authority));
    }

    /// <summary>Whether the authority has signed this certificate, and it is within its dates.</summary>
    internal bool Trusts(X509Certificate2? peer, SslPolicyErrors _)
    {
        if (peer is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(peer);
    }
}
