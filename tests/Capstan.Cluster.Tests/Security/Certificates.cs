using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster.Tests;

/// <summary>A new certificate, signed by itself, as a cluster has one.</summary>
static class Certificates
{
    static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);

    public static NodeCertificate Create(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(From, From.AddDays(30));
        return new NodeCertificate(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
    }
}
