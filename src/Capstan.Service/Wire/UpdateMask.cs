using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>Which fields a PATCH changes: <c>description,autoScaling.minNodes</c>, in either spelling.</summary>
static class UpdateMask
{
    /// <summary>Reads a mask.</summary>
    /// <param name="allowed">The paths that may be changed; a part of one may be changed too.</param>
    /// <exception cref="ServiceException">It is missing, or names something else.</exception>
    public static IReadOnlyList<string[]> Parse(string? mask, MessageType type, params IReadOnlyList<string> allowed)
    {
        if (string.IsNullOrWhiteSpace(mask))
        {
            throw ServiceException.Invalid("updateMask", $"it must say which fields to change, of {string.Join(", ", allowed)}.");
        }

        return [.. mask.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(path => PathOf(path, type, allowed))];
    }

    /// <summary>Sets the masked fields of a resource to what the patch has; what the patch lacks is removed.</summary>
    public static void Apply(IReadOnlyList<string[]> mask, JsonObject patch, JsonObject resource)
    {
        foreach (var path in mask)
        {
            JsonNode? value = patch;
            foreach (var name in path)
            {
                value = (value as JsonObject)?[name];
            }

            var target = resource;
            foreach (var name in path[..^1])
            {
                if (target[name] is not JsonObject inner)
                {
                    target[name] = inner = [];
                }

                target = inner;
            }

            if (value is null)
            {
                target.Remove(path[^1]);
            }
            else
            {
                target[path[^1]] = value.DeepClone();
            }
        }
    }

    static string[] PathOf(string path, MessageType type, IReadOnlyList<string> allowed)
    {
        var names = new List<string>();
        var at = type;
        foreach (var word in path.Split('.'))
        {
            // Below a map its keys are meant, whatever they are.
            var field = at?.Find(word);
            names.Add(at is null ? word : field?.Name ?? throw Wrong(path, allowed));
            at = field?.Message?.Value;
        }

        var full = string.Join('.', names);
        return allowed.Any(each => full == each || full.StartsWith(each + ".", StringComparison.Ordinal)) ? [.. names]
            : throw Wrong(path, allowed);
    }

    static ServiceException Wrong(string path, IReadOnlyList<string> allowed) => ServiceException.Invalid(
        "updateMask", $"'{Quote.Short(path)}' can't be changed; what can: {string.Join(", ", allowed)}.");
}
