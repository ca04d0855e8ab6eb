using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Capstan.Service;

/// <summary>What names and labels must look like, the same for all kinds.</summary>
static partial class ResourceRules
{
    const int MostLabels = 64;

    /// <summary>The id that a body gives to something new; clients also send the whole name.</summary>
    /// <exception cref="ServiceException">It is missing, or can't be an id.</exception>
    public static string IdOf(JsonObject body, string field, string collection)
    {
        var id = body[field]?.GetValue<string>() ?? "";
        id = id.StartsWith(collection + "/", StringComparison.Ordinal) ? id[(collection.Length + 1)..] : id;
        return Id.IsMatch(id) ? id : throw ServiceException.Invalid(
            field, $"'{Quote.Short(id)}' can't be a name; expected a letter, then up to 127 letters, digits and underscores.");
    }

    /// <exception cref="ServiceException">The project can't be one.</exception>
    public static void RequireProject(string project)
    {
        if (!Project.IsMatch(project))
        {
            throw ServiceException.Invalid(
                "parent", $"'{Quote.Short(project)}' can't be a project; expected a letter, then up to 62 letters, digits, '-' " +
                    $"and '_'.");
        }
    }

    /// <exception cref="ServiceException">There are too many labels, or one is not as labels are.</exception>
    public static void RequireLabels(JsonObject body)
    {
        if (body["labels"] is not JsonObject labels)
        {
            return;
        }

        if (labels.Count > MostLabels)
        {
            throw ServiceException.Invalid("labels", $"there are {labels.Count:N0}, expected at most {MostLabels}.");
        }

        foreach (var (key, value) in labels)
        {
            if (!LabelKey.IsMatch(key) || !LabelValue.IsMatch($"{value}"))
            {
                throw ServiceException.Invalid(
                    $"labels.{Quote.Short(key)}",
                    $"'{Quote.Short(key)}' = '{Quote.Short($"{value}")}' is no label; keys and values have at most 63 " +
                        $"lower-case letters, digits, '-' and '_', keys begin with a letter.");
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]{0,127}\z")]
    static partial Regex Id { get; }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]{0,62}\z")]
    static partial Regex Project { get; }

    [GeneratedRegex(@"\A[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}\z")]
    static partial Regex LabelKey { get; }

    [GeneratedRegex(@"\A[\p{Ll}\p{Lo}\p{N}_-]{0,63}\z")]
    static partial Regex LabelValue { get; }
}
