using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Data;

/// <summary>
/// What a data set should look like: which columns with which types, how many values, from which domain, how far distributions
/// may move. Inferred from statistics, edited by a person, and held against new data. What <c>schema.json</c> holds.
/// </summary>
/// <remarks>
/// Not to be confused with <see cref="Schema"/>, the names and types that rows really have. The word and most members are
/// TensorFlow Data Validation's.
/// </remarks>
public sealed record DataSchema
{
    // Texts as a person writes them: only what JSON must escape is escaped.
    static readonly JsonTypeInfo<DataSchema> Json = (JsonTypeInfo<DataSchema>)
        new JsonSerializerOptions(DataSchemaJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            .GetTypeInfo(typeof(DataSchema));

    /// <summary>Where editors find the JSON schema.</summary>
    [JsonPropertyName("$schema")]
    public string? SchemaUrl { get; init; }

    /// <summary>How many rows there should be.</summary>
    public RowsRule? Rows { get; init; }

    /// <summary>
    /// Situations in which data is met, such as training and serving, that columns may be limited to; null for none.
    /// </summary>
    public IReadOnlyList<string>? Environments { get; init; }

    /// <summary>Whether columns that are not named here are as expected.</summary>
    public bool AllowOtherColumns { get; init; }

    /// <summary>How far columns may move from the previous data, where a column says nothing of its own.</summary>
    public DistanceLimits? Drift { get; init; }

    /// <summary>How far columns may be from the training data, where a column says nothing of its own.</summary>
    public DistanceLimits? Skew { get; init; }

    /// <summary>By column name.</summary>
    public required IReadOnlyDictionary<string, ColumnSchema> Columns { get; init; }

    /// <exception cref="DataSchemaException">
    /// The text is not JSON, has unknown or mistyped members, or rules that contradict themselves.
    /// </exception>
    public static DataSchema Parse(string json)
    {
        try
        {
            var schema = JsonSerializer.Deserialize(json, Json)
                ?? throw new DataSchemaException(["the file holds null"]);
            schema.Check();
            return schema;
        }
        catch (JsonException problem)
        {
            throw new DataSchemaException(
                [$"line {problem.LineNumber + 1}, {problem.Path}: {problem.Message.Split(" Path:")[0]}"]);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Writes down what a data set's statistics show: see <see cref="SchemaInference"/> for what is inferred.</summary>
    /// <param name="label">The column that is absent when serving; null for none.</param>
    /// <exception cref="UnknownColumnException">There is no such label.</exception>
    public static DataSchema Infer(TableStatistics statistics, string? label = null) => SchemaInference.From(statistics, label);

    /// <summary>Holds the rules against a data set.</summary>
    /// <exception cref="DataSchemaException">Rules contradict themselves, or the environment is none of the schema's.</exception>
    public ValidationReport Validate(TableStatistics statistics, ValidationOptions options)
    {
        Check();
        if (options.Environment is { } environment && Environments?.Contains(environment) != true)
        {
            var known = WordList.Quoted([.. Environments ?? []], "none");
            throw new DataSchemaException([$"environments: '{environment}' was asked for; the schema has {known}"]);
        }

        return DataValidation.Validate(this, statistics, options);
    }

    /// <exception cref="DataSchemaException">All that is wrong, together.</exception>
    internal void Check()
    {
        var problems = new List<string>();
        Rows?.Check(problems);
        Drift?.Check("drift", problems);
        Skew?.Check("skew", problems);
        foreach (var (name, column) in Columns)
        {
            if (column is null) // JSON may hold null as a value all the same
            {
                problems.Add($"columns.{name}: found null, expected the column's rules; {{}} for none");
                continue;
            }

            column.Check($"columns.{name}", Environments ?? [], problems);
        }

        if (problems.Count > 0)
        {
            throw new DataSchemaException(problems);
        }
    }
}

/// <summary>A data schema that can't be used as it is written.</summary>
public sealed class DataSchemaException(IReadOnlyList<string> problems)
    : ArgumentException($"The data schema can't be used:\n  {string.Join("\n  ", problems)}")
{
    /// <summary>Each with the member that it concerns.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, AllowDuplicateProperties = false, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(DataSchema))]
sealed partial class DataSchemaJson : JsonSerializerContext;
