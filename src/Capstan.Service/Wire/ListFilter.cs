using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// The filter of a list: terms <c>field:value</c> or <c>field=value</c> (or <c>!=</c>) joined by AND, where a value may end in
/// <c>*</c>
/// and a field may be a path: <c>jobId:census* AND state=FAILED AND labels.team:rides</c>. A word alone is looked for in the
/// name.
/// </summary>
sealed partial class ListFilter
{
    // Stands for "anywhere" in the terms that a word alone makes.
    static readonly string[] NameContains = ["name", "*"];

    readonly (string[] Path, bool Equal, string Value)[] _terms;

    ListFilter((string[] Path, bool Equal, string Value)[] terms) => _terms = terms;

    /// <summary>Whether the store finds exactly the matches, so that no more need be read than are answered.</summary>
    public bool IsStored =>
        _terms.All(term => term.Equal && (IsExact(term, "state") || IsLabel(term) || IsBeginning(term)));

    /// <summary>What the store can look for: every match is like that, though not everything like that is a match.</summary>
    /// <param name="collection">What the names of the collection's resources begin with.</param>
    public ResourceFilter StoredPart(string collection) => new()
    {
        State = _terms.FirstOrDefault(term => term.Equal && IsExact(term, "state")).Value,
        NameBeginning = _terms.FirstOrDefault(term => term.Equal && term.Path is ["name"] or ["jobId"]).Value is { } name
            ? collection + name.TrimEnd('*')
            : null,
        Labels = [.. _terms.Where(term => term.Equal && IsLabel(term)).Select(term => (term.Path[1], term.Value))],
    };

    /// <exception cref="ServiceException">A term can't be read, or names no field.</exception>
    public static ListFilter Parse(string? filter, MessageType type)
    {
        if (string.IsNullOrWhiteSpace(filter))
        {
            return new ListFilter([]);
        }

        return new ListFilter([.. And.Split(filter.Trim()).Select(term => TermOf(term, type))]);
    }

    public bool Matches(JsonObject resource) => _terms.All(term =>
    {
        if (term.Path == NameContains)
        {
            return $"{resource["name"] ?? resource["jobId"]}".Contains(term.Value, StringComparison.Ordinal);
        }

        JsonNode? value = resource;
        foreach (var name in term.Path)
        {
            value = (value as JsonObject)?[name];
        }

        var text = value switch
        {
            null => null,
            JsonArray list => string.Join(',', list.Select(item => item?.ToString())),
            _ => value.ToString(),
        };

        // A resource's own name is its last segment to people who filter.
        if (term.Path is ["name"] && text is not null)
        {
            text = text[(text.LastIndexOf('/') + 1)..];
        }

        var same = text is not null && (term.Value.EndsWith('*')
            ? text.StartsWith(term.Value[..^1], StringComparison.Ordinal)
            : text == term.Value);
        return same == term.Equal;
    });

    static bool IsExact((string[] Path, bool Equal, string Value) term, string field) =>
        term.Path is [var only] && only == field && !term.Value.EndsWith('*');

    static bool IsLabel((string[] Path, bool Equal, string Value) term) =>
        term.Path is ["labels", _] && !term.Value.EndsWith('*');

    static bool IsBeginning((string[] Path, bool Equal, string Value) term) =>
        term.Path is ["name"] or ["jobId"] && term.Value.EndsWith('*') && term.Value.IndexOf('*') == term.Value.Length - 1;

    static (string[] Path, bool Equal, string Value) TermOf(string term, MessageType type)
    {
        if (Word.IsMatch(term))
        {
            return (NameContains, true, term);
        }

        if (Term.Match(term) is not { Success: true } match)
        {
            throw ServiceException.Invalid(
                "filter", $"'{Quote.Short(term)}' is no term; expected FIELD:VALUE or FIELD=VALUE, joined by AND, VALUE ending " +
                    $"in * for a beginning.");
        }

        var words = match.Groups["field"].Value.Split('.');
        var names = new List<string>();
        var at = type;
        foreach (var word in words)
        {
            var field = at?.Find(word);
            names.Add(at is null ? word : field?.Name ?? throw ServiceException.Invalid(
                "filter", $"{type.Name} has no field '{Quote.Short(match.Groups["field"].Value)}'."));
            at = field?.Message?.Value;
        }

        return ([.. names], match.Groups["not"].Length == 0, match.Groups["value"].Value.Trim('"'));
    }

    [GeneratedRegex(@"\s+AND\s+")]
    static partial Regex And { get; }

    [GeneratedRegex(@"^[\w-]+$")]
    static partial Regex Word { get; }

    [GeneratedRegex(@"^(?<field>[\w.-]+)\s*(?<not>!?)(?:=|:)\s*(?<value>""[^""]*""|[^\s""]+)$")]
    static partial Regex Term { get; }
}
