using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Capstan.Cluster.Tests;

/// <summary>A new authority, and a node's certificate that it has signed.</summary>
static class Certificates
{
    static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);

    public static NodeCertificate Create(string name)
    {
        using var authorityKey = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var authority = request.CreateSelfSigned(From, From.AddDays(30));

        using var key = RSA.Create(2048);
        var node = new CertificateRequest($"CN={name} node", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .Create(authority, From, From.AddDays(29), [1, 2, 3, 4]);
        using var withKey = node.CopyWithPrivateKey(key);
        return new NodeCertificate(
            X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null),
            X509CertificateLoader.LoadCertificate(authority.Export(X509ContentType.Cert)));
    }
}
