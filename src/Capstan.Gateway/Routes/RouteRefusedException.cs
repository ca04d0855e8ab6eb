namespace Capstan.Gateway;

/// <summary>A change of routes that can't be made; everything stays as it was.</summary>
/// <param name="status">The HTTP status that says so.</param>
/// <param name="code">A stable word for programs.</param>
public sealed class RouteRefusedException(int status, string code, string title, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string Title { get; } = title;
}
