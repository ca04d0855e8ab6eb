using System.CommandLine;
using System.Security.Cryptography;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>The certificate by which the nodes of a cluster, and who talks to them, know each other.</summary>
sealed class CertificateOption
{
    readonly Option<string?> _file = new("--certificate")
    {
        Description = "TLS: a PEM file with the cluster's certificate and its key, the same on every node.", HelpName = "FILE",
    };

    public void AddTo(Command command) => command.Options.Add(_file);

    /// <returns>Null: no TLS.</returns>
    /// <exception cref="UsageException">There is no such file, or it holds something else.</exception>
    public NodeCertificate? Of(ParseResult line)
    {
        var file = line.GetValue(_file);
        try
        {
            return file is not null ? NodeCertificate.Load(file)
                // What a pool has started was given no file.
                : Environment.GetEnvironmentVariable(NodeCertificate.Variable) is { Length: > 0 } text ? NodeCertificate.Parse(text)
                : null;
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"{(file is null ? NodeCertificate.Variable : $"--certificate {file}")} can't be used: {fault.Message.TrimEnd('.')}. Expected the " +
                "texts of a certificate and its private key (PEM).");
        }
    }
}
