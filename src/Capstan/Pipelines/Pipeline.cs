using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Everything that turns raw rows into a model: what to predict, from which features, with which estimator. What
/// <c>pipeline.json</c> holds; the same as the estimators of the C# API carry.
/// </summary>
public sealed record Pipeline
{
    /// <summary>Where editors find the JSON schema.</summary>
    [JsonPropertyName("$schema")]
    public string? SchemaUrl { get; init; }

    /// <summary>The model's name; the data file's name where there is none.</summary>
    public string? Name { get; init; }

    /// <summary>What to predict: a column, or an expression such as <c>delay &gt; 15</c>.</summary>
    public required string Label { get; init; }

    /// <summary>A condition that rows must meet to be learned from and evaluated; null for all rows.</summary>
    public string? Filter { get; init; }

    /// <summary>An expression ≥ 0 that says how much each row counts; null for 1.</summary>
    public string? Weight { get; init; }

    /// <summary>
    /// An expression that is added to every score as it is, in predictions too: <c>log(exposure)</c> under <c>poisson</c>; null for none.
    /// </summary>
    public string? Offset { get; init; }

    /// <summary>Types of raw columns where the inferred ones are not wanted: int, number, boolean, text, timestamp.</summary>
    public IReadOnlyDictionary<string, string> Types { get; init; } = new Dictionary<string, string>();

    /// <summary>Raw columns that automatic features leave out, such as keys and whatever is known only after the fact.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Expressions by feature name.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether features are also made from the schema; null: only where <see cref="Features"/> is empty.</summary>
    public bool? AutomaticFeatures { get; init; }

    /// <summary>The folder of an earlier model whose parameters learning begins at; null for a start of its own.</summary>
    public string? From { get; init; }

    public EstimatorDefinition Estimator { get; init; } = new();

    public ValidationDefinition Validation { get; init; } = new();

    /// <summary>
    /// A classifier of two classes: how its probabilities are made to hold on the rows held out for validation; null leaves them as learned.
    /// </summary>
    public CalibrationKind? Calibration { get; init; }

    /// <summary>A regressor: how large a share of labels shall lie inside of prediction intervals; null for none.</summary>
    public IntervalDefinition? Intervals { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>The name of the feature that the offset is.</summary>
    internal const string OffsetName = "offset";

    [JsonIgnore]
    public bool WantsAutomaticFeatures => AutomaticFeatures ?? Features.Count == 0;

    /// <summary>Checks everything that can be checked without data.</summary>
    /// <exception cref="PipelineException">All that is wrong, together.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        CheckExpression("label", Label);
        CheckExpression("filter", Filter);
        CheckExpression("weight", Weight);
        CheckExpression("offset", Offset);
        CheckOffset(problems);
        foreach (var (name, text) in Features)
        {
            CheckExpression($"features.{name}", text ?? "");
        }

        if (Exclude.Contains(null!)) // JSON may hold null in a list all the same
        {
            problems.Add("exclude: found null, expected names of columns");
        }

        foreach (var (column, type) in Types)
        {
            if (Data.Schema.TypeNamed(type) is null)
            {
                problems.Add($"types.{column}: found '{type}', expected int, number, boolean, text or timestamp");
            }
        }

        if (!WantsAutomaticFeatures && Features.Count == 0)
        {
            problems.Add("features: there are none, and automaticFeatures is false; name at least one");
        }

        Estimator.Check(problems);
        Validation.Check(problems);
        CheckCalibration(problems);
        Intervals?.Check(this, problems);
        if (problems.Count > 0)
        {
            throw new PipelineException(problems);
        }

        void CheckExpression(string where, string? text)
        {
            try
            {
                _ = text is null ? null : ExprParser.Parse(text);
            }
            catch (ExpressionSyntaxException problem)
            {
                problems.Add($"{where}: {problem.Message}");
            }
        }
    }

    void CheckOffset(List<string> problems)
    {
        if (Offset is null)
        {
            return;
        }

        if (Features.ContainsKey(OffsetName))
        {
            problems.Add($"features.{OffsetName}: the pipeline's offset is a feature of that name; call this one otherwise");
        }

        if (Estimator.Kind == EstimatorKind.BaselineClassifier)
        {
            problems.Add($"offset: {Estimator.Kind} takes none; linear models, networks and boosted trees do");
        }
    }

    void CheckCalibration(List<string> problems)
    {
        if (Calibration is null)
        {
            return;
        }

        if (!Estimator.Kind.IsClassifier())
        {
            problems.Add($"calibration: {Estimator.Kind} predicts no probabilities; leave it out");
        }

        if (Estimator.Stream || (Validation.Share == 0 && Validation.Time is null))
        {
            problems.Add("calibration: no rows are held out to make it from; set validation.share, and do not stream");
        }
    }

    /// <exception cref="PipelineException">
    /// The text is not JSON, has unknown or mistyped members, or <see cref="Validate"/> finds problems.
    /// </exception>
    public static Pipeline Parse(string json)
    {
        try
        {
            var pipeline = JsonSerializer.Deserialize<Pipeline>(json, JsonOptions)
                ?? throw new PipelineException(["the file holds null"]);
            pipeline.Validate();
            return pipeline;
        }
        catch (JsonException problem)
        {
            throw new PipelineException([$"line {problem.LineNumber + 1}, {problem.Path}: {problem.Message.Split(" Path:")[0]}"]);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter<EstimatorKind>(allowIntegerValues: false),
            new JsonStringEnumConverter<CalibrationKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
        // Said explicitly, because file-based programs (dotnet run train.cs) turn the default off.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}

/// <summary>A pipeline that can't be run as it is written.</summary>
public sealed class PipelineException(IReadOnlyList<string> problems)
    : ArgumentException($"The pipeline can't be used:\n  {string.Join("\n  ", problems)}")
{
    /// <summary>Each with the member that it concerns.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
