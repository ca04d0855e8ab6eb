namespace Capstan.Service;

/// <summary>Who asks.</summary>
/// <param name="Member">As policies write it: <c>user:ana@example.com</c>, <c>serviceAccount:trips-app</c>.</param>
/// <param name="MayAll">An owner of everything, since the server is open.</param>
sealed record Caller(string Member, bool MayAll)
{
    public static readonly Caller Anonymous = new("anonymous", MayAll: false);
    public static readonly Caller Owner = new("local", MayAll: true);
}
