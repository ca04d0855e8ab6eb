namespace Capstan.Serving;

/// <summary>
/// What an address below <c>/v1/models/</c>, <c>/v1/projects/PROJECT/models/</c>, <c>/v1/projects/PROJECT/locations/LOCATION/endpoints/</c> or
/// <c>/v2/models/</c> names.
/// </summary>
/// <param name="project">The project; empty where the address has none.</param>
/// <param name="model">The model's name.</param>
/// <param name="version">After <c>/versions/</c>; empty where the address has none.</param>
/// <param name="label">After <c>/labels/</c>; empty where the address has none.</param>
/// <param name="verb">After the colon, or <c>metadata</c>; below <c>/v2/models/</c> <c>infer</c>, <c>ready</c> or <c>describe</c>; empty where
/// the address has none.</param>
/// <param name="location">Of an endpoint; empty where the address names none.</param>
readonly ref struct RequestTarget(
    ReadOnlySpan<char> project, ReadOnlySpan<char> model, ReadOnlySpan<char> version, ReadOnlySpan<char> label, ReadOnlySpan<char> verb,
    ReadOnlySpan<char> location)
{
    const string Models = "/v1/models/";
    const string Inference = "/v2/models/";
    const string Projects = "/v1/projects/";
    const string ModelsOfProject = "models/";
    const string LocationsOfProject = "locations/";
    const string EndpointsOfLocation = "/endpoints/";

    public ReadOnlySpan<char> Project { get; } = project;

    public ReadOnlySpan<char> Model { get; } = model;

    public ReadOnlySpan<char> Version { get; } = version;

    public ReadOnlySpan<char> Label { get; } = label;

    public ReadOnlySpan<char> Verb { get; } = verb;

    public ReadOnlySpan<char> Location { get; } = location;

    /// <returns>False for an address of another shape.</returns>
    public static bool TryParse(ReadOnlySpan<char> path, out RequestTarget target)
    {
        target = default;
        var rest = Below(path, out var project, out var location);
        var colon = rest.LastIndexOf(':');
        var verb = colon < 0 ? [] : rest[(colon + 1)..];
        rest = colon < 0 ? rest : rest[..colon];
        if (path.StartsWith(Inference))
        {
            // Names have no colon, so there is none to look for.
            verb = Cut(ref rest, "/infer") ? "infer" : Cut(ref rest, "/ready") ? "ready" : "describe";
        }
        else if (colon < 0 && Cut(ref rest, "/metadata"))
        {
            verb = "metadata";
        }

        var slash = rest.IndexOf('/');
        var model = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? [] : rest[slash..];
        var version = After(rest, "/versions/");
        var label = After(rest, "/labels/");
        if (model.IsEmpty || (!rest.IsEmpty && version.IsEmpty && label.IsEmpty))
        {
            return false;
        }

        target = new RequestTarget(project, model, version, label, verb, location);
        return true;
    }

    static ReadOnlySpan<char> Below(ReadOnlySpan<char> path, out ReadOnlySpan<char> project, out ReadOnlySpan<char> location)
    {
        project = location = [];
        if (path.StartsWith(Models))
        {
            return path[Models.Length..];
        }

        if (path.StartsWith(Inference))
        {
            return path[Inference.Length..];
        }

        if (path.StartsWith(Projects) && path[Projects.Length..].IndexOf('/') is > 0 and var length)
        {
            project = path.Slice(Projects.Length, length);
            var rest = path[(Projects.Length + length + 1)..];
            if (rest.StartsWith(LocationsOfProject) && rest.IndexOf(EndpointsOfLocation) is > 0 and var end)
            {
                location = rest[LocationsOfProject.Length..end];
                return rest[(end + EndpointsOfLocation.Length)..];
            }

            return rest.StartsWith(ModelsOfProject) ? rest[ModelsOfProject.Length..] : [];
        }

        return [];
    }

    static bool Cut(ref ReadOnlySpan<char> rest, string end)
    {
        var found = rest.EndsWith(end);
        rest = found ? rest[..^end.Length] : rest;
        return found;
    }

    static ReadOnlySpan<char> After(ReadOnlySpan<char> rest, string prefix) =>
        rest.StartsWith(prefix) && !rest[prefix.Length..].Contains('/') ? rest[prefix.Length..] : [];
}
