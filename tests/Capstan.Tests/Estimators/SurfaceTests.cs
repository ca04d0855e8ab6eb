using System.Reflection;

namespace Capstan.Tests.Estimators;

/// <summary>What a pipeline file can say, C# can say, and the other way round: the members of both, compared.</summary>
public sealed class SurfaceTests
{
    /// <summary>A value of each knob that is in its range.</summary>
    static readonly Dictionary<string, object> Samples = new()
    {
        ["Loss"] = "absolute", ["ClassWeights"] = ClassWeights.Balanced, ["Activation"] = "gelu", ["Normalization"] = "layer", ["Optimizer"] = "sgd",
        ["HiddenUnits"] = new[] { 4 }, ["Wide"] = new[] { "a" }, ["Deep"] = new[] { "a" }, ["Monotone"] = new Dictionary<string, string> { ["a"] = "increasing" },
        ["Stream"] = true,
    };

    static readonly PropertyInfo[] Knobs =
        [.. typeof(EstimatorDefinition).GetProperties().Where(property => property.Name != nameof(EstimatorDefinition.Kind) && property.SetMethod is not null)];

    public static IEnumerable<TheoryDataRow<EstimatorKind>> Kinds => Enum.GetValues<EstimatorKind>().Select(kind => new TheoryDataRow<EstimatorKind>(kind));

    static Estimator Make(EstimatorKind kind) =>
        (Estimator)Activator.CreateInstance(typeof(Estimator).Assembly.GetType($"Capstan.{kind}")!, "y")!;

    static object Sample(PropertyInfo knob) => Samples.TryGetValue(knob.Name, out var sample) ? sample
        : (Nullable.GetUnderlyingType(knob.PropertyType) ?? knob.PropertyType) == typeof(int) ? (object)3
        : 0.5;

    /// <summary>Whether pipelines of a kind may have a knob.</summary>
    static bool IsTaken(EstimatorKind kind, PropertyInfo knob)
    {
        var definition = new EstimatorDefinition { Kind = kind };
        knob.SetValue(definition, Sample(knob));
        try
        {
            new Pipeline { Label = "y", Estimator = definition }.Validate();
            return true;
        }
        catch (PipelineException refusal)
        {
            Assert.All(refusal.Problems, problem => Assert.StartsWith("estimator.", problem));
            return false;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_knob_that_a_pipeline_of_a_kind_takes_is_a_property_of_its_class_and_the_other_way_round(EstimatorKind kind)
    {
        var type = Make(kind).GetType();
        foreach (var knob in Knobs)
        {
            var property = type.GetProperty(knob.Name);
            // What most have is declared for all, and refused by name where a kind has it not.
            var isShared = property?.DeclaringType == typeof(Estimator);
            Assert.True(
                IsTaken(kind, knob) ? property is { SetMethod: not null } : property is null || isShared,
                $"{kind}: pipelines {(IsTaken(kind, knob) ? "take" : "refuse")} {knob.Name}, and the class has {(property is null ? "no" : "a")} such property.");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_property_is_set_to_is_what_the_pipeline_says(EstimatorKind kind)
    {
        foreach (var knob in Knobs.Where(knob => IsTaken(kind, knob)))
        {
            var estimator = Make(kind);
            var property = estimator.GetType().GetProperty(knob.Name)!;
            // Of texts C# has types of its own: they are checked by what they say.
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var value = type.IsEnum ? Enum.Parse(type, (string)Sample(knob), ignoreCase: true) : type == typeof(Training.Loss) ? new Training.Loss.Absolute() : Sample(knob);
            property.SetValue(estimator, value);
            Assert.Equal(Sample(knob), knob.GetValue(estimator.Pipeline.Estimator));
            Assert.Equal(value, property.GetValue(estimator));
        }
    }

    [Fact]
    public void Every_member_of_a_pipeline_but_the_estimator_itself_is_a_property_of_estimators()
    {
        string[] own = [nameof(Pipeline.SchemaUrl), nameof(Pipeline.Label), nameof(Pipeline.Estimator), nameof(Pipeline.WantsAutomaticFeatures)];
        var members = typeof(Pipeline).GetProperties().Where(property => property.GetMethod!.IsPublic && !property.GetMethod.IsStatic).Select(property => property.Name);
        Assert.All(members.Except(own).Except(["EqualityContract"]), name => Assert.NotNull(typeof(Estimator).GetProperty(name)?.SetMethod));
    }

    [Fact]
    public void Rows_types_and_weights_reach_the_pipeline()
    {
        var estimator = new LinearRegressor("y")
        {
            Name = "m", Filter = Features.ExprParser.Parse("a > 1"), Weight = Features.ExprParser.Parse("w"), Types = new Dictionary<string, Data.DataType> { ["a"] = Data.DataType.Int64 },
        };
        Assert.Equal(("m", "a > 1", "w", "int"), (estimator.Pipeline.Name, estimator.Pipeline.Filter, estimator.Pipeline.Weight, estimator.Pipeline.Types["a"]));
        Assert.Equal(("m", "a > 1", "w", Data.DataType.Int64), (estimator.Name, estimator.Filter!.ToString(), estimator.Weight!.ToString(), estimator.Types["a"]));
    }
}
