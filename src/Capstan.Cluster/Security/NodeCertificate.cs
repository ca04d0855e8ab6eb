using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster;

/// <summary>
/// TLS between nodes: all show one certificate, the cluster's own, and refuse a peer that shows another. Names are not compared: nodes come
/// and go on machines whose names nobody knew when it was made.
/// </summary>
/// <param name="Own">With its private key.</param>
public sealed record NodeCertificate(X509Certificate2 Own)
{
    /// <summary>
    /// The environment variable that carries certificate and key to nodes which a pool starts: only the user's own processes can read it, and
    /// the file need not be on their machines.
    /// </summary>
    public const string Variable = "CAPSTAN_CERTIFICATE";

    /// <summary>Reads a PEM file with a certificate and its private key.</summary>
    /// <exception cref="CryptographicException">The file holds no such pair.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static NodeCertificate Load(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="CryptographicException">It holds no such pair.</exception>
    public static NodeCertificate Parse(string text)
    {
        using var pem = X509Certificate2.CreateFromPem(text, text);
        // A key read from PEM is ephemeral, which TLS does not take everywhere; one from PKCS #12 it does.
        return new NodeCertificate(X509CertificateLoader.LoadPkcs12(
            pem.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable));
    }

    /// <summary>As <see cref="Parse"/> takes it: with the secret.</summary>
    internal string Text()
    {
        using AsymmetricAlgorithm key = Own.GetRSAPrivateKey() as AsymmetricAlgorithm ?? Own.GetECDsaPrivateKey()
            ?? throw new CryptographicException("The cluster's certificate has neither an RSA nor an ECDSA key.");
        return $"{Own.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}";
    }

    /// <summary>Not the secret: it must not come into a log.</summary>
    public override string ToString() => $"certificate {Own.Thumbprint}";

    internal bool Trusts(X509Certificate? peer) => peer is not null && peer.GetRawCertData().AsSpan().SequenceEqual(Own.RawDataMemory.Span);
}
