using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// Lets only a replica's own gateway ask it: access is checked there, and a replica that other machines reach must not be a way around
/// that. Thread-safe.
/// </summary>
sealed class ReplicaGuard(Func<HttpContext, Task> handle, string token)
{
    /// <summary>By which a gateway proves itself with every request that it forwards.</summary>
    public const string TokenHeader = "X-Capstan-Replica-Token";

    readonly byte[] _expected = Encoding.UTF8.GetBytes(token);

    public Task HandleAsync(HttpContext context)
    {
        // Changes of the table prove themselves in their own way.
        var isControl = context.Request.Path.Value?.StartsWith(ReplicaControl.Path, StringComparison.Ordinal) == true;
        var sent = context.Request.Headers[TokenHeader].ToString();
        return isControl || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), _expected)
            ? handle(context)
            : Answers.RefuseAsync(context, HttpProblems.NotYourReplica(), RequestEdge.RequestIdOf(context));
    }
}
