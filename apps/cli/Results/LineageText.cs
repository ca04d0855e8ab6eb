using System.Text.Json;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary>A model's lineage as JSON, named as in its file.</summary>
static class LineageText
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Of(Lineage lineage) => JsonSerializer.Serialize(lineage, Options);
}
