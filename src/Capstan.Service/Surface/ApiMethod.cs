namespace Capstan.Service;

/// <summary>A method of the interface, as its surface file declares it.</summary>
/// <param name="Id">Google's name: <c>ml.projects.models.get</c>.</param>
/// <param name="Path">As discovery documents write it: <c>v1/{+name}:predict</c>.</param>
/// <param name="Pattern">Which names it is for: <c>projects/*/models/*</c>.</param>
/// <param name="Permission">What the caller needs on the named resource; null: nothing.</param>
/// <param name="Request">The body's message; null: no body.</param>
/// <param name="Query">Parameters beyond the path.</param>
sealed record ApiMethod(
    string Id, string Verb, string Path, string Pattern, string? Permission, MessageType? Request, MessageType Response,
    IReadOnlyList<string> Query)
{
    readonly string[] _segments = SegmentsOf(Path, Pattern);

    /// <summary>The word after the colon: <c>predict</c>; null where there is none.</summary>
    public string? CustomVerb { get; } = Path.Split(':') is [_, var verb] ? verb : null;

    /// <summary>The parameter that is the name in the path: <c>name</c>, <c>parent</c> or <c>resource</c>.</summary>
    public string NameParameter { get; } = Path[(Path.IndexOf("{+", StringComparison.Ordinal) + 2)..Path.IndexOf('}')];

    /// <summary>Changes something, so it is written into the audit log.</summary>
    public bool Changes =>
        Verb != "GET" && CustomVerb is not ("predict" or "explain" or "testIamPermissions" or "listOptimalTrials");

    /// <summary>The resource's name if the path is this method's; otherwise null.</summary>
    /// <param name="segments">Of the path after the version.</param>
    /// <param name="customVerb">The word after the last segment's colon.</param>
    public string? Match(IReadOnlyList<string> segments, string? customVerb)
    {
        if (customVerb != CustomVerb)
        {
            return null;
        }

        var open = _segments[^1] == "**";
        if (open ? segments.Count < _segments.Length : segments.Count != _segments.Length)
        {
            return null;
        }

        for (var index = 0; index < (open ? _segments.Length - 1 : _segments.Length); index++)
        {
            if (_segments[index] != "*" && _segments[index] != segments[index])
            {
                return null;
            }
        }

        var nameLength = open ? segments.Count : Pattern.Split('/').Length;
        return string.Join('/', segments.Take(nameLength));
    }

    static string[] SegmentsOf(string path, string pattern)
    {
        var rest = path[(path.IndexOf('}') + 1)..].Split(':')[0];
        return (pattern + rest).Split('/');
    }
}
