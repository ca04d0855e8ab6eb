using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster;

/// <summary>
/// TLS between nodes: all show one certificate, the cluster's own, and refuse a peer that shows another. Names are not compared: nodes come
/// and go on machines whose names nobody knew when it was made.
/// </summary>
/// <param name="Own">With its private key.</param>
public sealed record NodeCertificate(X509Certificate2 Own)
{
    /// <summary>Reads a PEM file with a certificate and its private key.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The file holds no such pair.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static NodeCertificate Load(string path)
    {
        using var pem = X509Certificate2.CreateFromPemFile(path);
        // A key read from PEM is ephemeral, which TLS does not take everywhere; one from PKCS #12 it does.
        return new NodeCertificate(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
    }

    internal bool Trusts(X509Certificate? peer) => peer is not null && peer.GetRawCertData().AsSpan().SequenceEqual(Own.RawDataMemory.Span);
}
