namespace Capstan.Service;

/// <summary>
/// From verb and path to method and handler. Every declared method has a handler, or the server does not start.
/// </summary>
sealed class MethodTable
{
    readonly Dictionary<(string Version, string Verb), (ApiMethod Method, Func<ApiRequest, Task<Answer>> Handle)[]> _methods;

    public MethodTable(IEnumerable<IMethodGroup> groups)
    {
        var handlers = groups.SelectMany(group => group.Methods).ToDictionary(method => method.Id, method => method.Handle);
        _methods = new[] { ApiSurface.V1, ApiSurface.V1Beta }
            .SelectMany(surface =>
                surface.Methods.Select(method => (surface.Version, Method: method, Handle: handlers[method.Id])))
            .GroupBy(each => (each.Version, each.Method.Verb))
            .ToDictionary(group => group.Key, group => group.Select(each => (each.Method, each.Handle)).ToArray());
    }

    /// <param name="path">Decoded: <c>/v1/projects/p/models/m:predict</c>.</param>
    /// <exception cref="ServiceException">There is no such method.</exception>
    public (ApiMethod Method, string Name, Func<ApiRequest, Task<Answer>> Handle) Find(string verb, string path)
    {
        var segments = path.TrimStart('/').Split('/');
        var last = segments[^1];
        var colon = last.LastIndexOf(':');
        var customVerb = colon < 0 ? null : last[(colon + 1)..];
        if (colon >= 0)
        {
            segments[^1] = last[..colon];
        }

        var names = segments[1..];
        if (names.All(name => name.Length > 0))
        {
            foreach (var (method, handle) in _methods.GetValueOrDefault((segments[0], verb), []))
            {
                if (method.Match(names, customVerb) is { } name)
                {
                    return (method, name, handle);
                }
            }
        }

        throw new ServiceException(
            StatusCode.NotFound,
            $"There is no method {verb} {Quote.Short(path)}; GET /discovery/v1/apis/ml/v1/rest lists what there is.");
    }
}
