namespace Capstan.Data;

/// <summary>What one column should hold. What is not said is not checked.</summary>
public sealed record ColumnSchema
{
    /// <summary>int, number, boolean, text, list (of texts) or timestamp; null for any. Whole numbers are numbers, too.</summary>
    public string? Type { get; init; }

    public PresenceRule? Presence { get; init; }

    public DomainRule? Domain { get; init; }

    /// <summary>How many different values there are: of numbers and texts.</summary>
    public DistinctRule? Distinct { get; init; }

    /// <summary>How many texts a list has.</summary>
    public ItemsRule? Items { get; init; }

    /// <summary>Instead of the schema's own; an empty one switches it off for this column.</summary>
    public DistanceLimits? Drift { get; init; }

    /// <summary>Instead of the schema's own; an empty one switches it off for this column.</summary>
    public DistanceLimits? Skew { get; init; }

    /// <summary>The environments that must have the column; null for all.</summary>
    public IReadOnlyList<string>? InEnvironments { get; init; }

    /// <summary>Environments that may lack the column, as serving lacks the label.</summary>
    public IReadOnlyList<string>? NotInEnvironments { get; init; }

    /// <summary>
    /// Whether data met in an environment must have the column; without an environment all columns must be there.
    /// </summary>
    internal bool IsExpectedIn(string? environment) => environment is null ||
        (InEnvironments?.Contains(environment) != false && NotInEnvironments?.Contains(environment) != true);

    internal void Check(string where, IReadOnlyList<string> environments, List<string> problems)
    {
        if (Type is not null && Schema.TypeNamed(Type) is null)
        {
            problems.Add($"{where}.type: found '{Type}', expected int, number, boolean, text, list or timestamp");
        }

        Presence?.Check($"{where}.presence", problems);
        Domain?.Check($"{where}.domain", Type, problems);
        Distinct?.Check($"{where}.distinct", Type, problems);
        Items?.Check($"{where}.items", Type, problems);
        Drift?.Check($"{where}.drift", problems);
        Skew?.Check($"{where}.skew", problems);
        foreach (var environment in (InEnvironments ?? []).Concat(NotInEnvironments ?? []).Except(environments))
        {
            problems.Add(
                $"{where}: '{environment}' is none of the schema's environments " +
                $"({WordList.Quoted([.. environments], "it has none")})");
        }
    }
}

/// <summary>How many rows hold a value.</summary>
public sealed record PresenceRule
{
    /// <summary>The least share of rows with a value, 0 to 1.</summary>
    public double? MinFraction { get; init; }

    /// <summary>The greatest share of rows with a value, 0 to 1: 0 for a column that is always empty.</summary>
    public double? MaxFraction { get; init; }

    /// <summary>The least number of rows with a value.</summary>
    public long? MinCount { get; init; }

    internal void Check(string where, List<string> problems)
    {
        Rules.CheckShare($"{where}.minFraction", MinFraction, problems);
        Rules.CheckShare($"{where}.maxFraction", MaxFraction, problems);
        Rules.CheckOrder(where, "minFraction", MinFraction, "maxFraction", MaxFraction, problems);
        Rules.CheckCount($"{where}.minCount", MinCount, problems);
    }
}

/// <summary>Which values a column may hold: a range of numbers, a list of texts, or a range of time.</summary>
public sealed record DomainRule
{
    /// <summary>Numbers: the least.</summary>
    public double? Min { get; init; }

    /// <summary>Numbers: the greatest.</summary>
    public double? Max { get; init; }

    /// <summary>Texts: all that are allowed.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Timestamps: the first, such as 2018-01-01 or 2018-01-01T12:00:00.</summary>
    public string? Earliest { get; init; }

    /// <summary>Timestamps: the last.</summary>
    public string? Latest { get; init; }

    /// <summary>The share of the values that must lie in the domain, 0 to 1; null for 1, all of them.</summary>
    public double? MinDomainMass { get; init; }

    internal double Mass => MinDomainMass ?? 1;

    internal long? EarliestMicroseconds => Rules.MomentOf(Earliest);

    internal long? LatestMicroseconds => Rules.MomentOf(Latest);

    internal void Check(string where, string? type, List<string> problems)
    {
        Rules.CheckShare($"{where}.minDomainMass", MinDomainMass, problems);
        Rules.CheckOrder(where, "min", Min, "max", Max, problems);
        CheckMoment($"{where}.earliest", Earliest, problems);
        CheckMoment($"{where}.latest", Latest, problems);
        Rules.CheckOrder(where, "earliest", EarliestMicroseconds, "latest", LatestMicroseconds, problems);
        if (Values?.Contains(null!) == true) // JSON may hold null in a list all the same
        {
            problems.Add($"{where}.values: found null, expected texts; a missing value is a matter of presence");
        }

        string[] kinds =
        [
            .. Min is null && Max is null ? Array.Empty<string>() : ["numbers"],
            .. Values is null ? Array.Empty<string>() : ["texts"],
            .. Earliest is null && Latest is null ? Array.Empty<string>() : ["timestamps"],
        ];
        var allowed = type switch
        {
            null => null,
            "int" or "number" => "numbers",
            "text" or "list" => "texts",
            "timestamp" => "timestamps",
            _ => "none",
        };
        if (kinds.Length > 1 || (allowed is not null && kinds.Any(kind => kind != allowed)))
        {
            problems.Add(
                $"{where}: found rules for {string.Join(" and ", kinds)}" + (type is null ? "" : $" in a column of type {type}") +
                ", expected min and max for numbers, values for texts, or earliest and latest for timestamps");
        }
    }

    static void CheckMoment(string where, string? moment, List<string> problems)
    {
        if (moment is not null && Rules.MomentOf(moment) is null)
        {
            problems.Add($"{where}: found '{moment}', expected a moment such as 2018-01-01 or 2018-01-01T12:00:00");
        }
    }
}

/// <summary>How many different values a column has.</summary>
public sealed record DistinctRule
{
    public long? Min { get; init; }

    public long? Max { get; init; }

    /// <summary>Whether every value must be another one, as a key's.</summary>
    public bool Unique { get; init; }

    internal void Check(string where, string? type, List<string> problems)
    {
        Rules.CheckCount($"{where}.min", Min, problems);
        Rules.CheckCount($"{where}.max", Max, problems);
        Rules.CheckOrder(where, "min", Min, "max", Max, problems);
        if (type is "boolean" or "timestamp")
        {
            problems.Add($"{where}: different values are counted of numbers and texts, not of a column of type {type}");
        }
    }
}

/// <summary>How many texts each list of a column has; missing lists are a matter of presence.</summary>
public sealed record ItemsRule
{
    public long? Min { get; init; }

    public long? Max { get; init; }

    internal void Check(string where, string? type, List<string> problems)
    {
        Rules.CheckCount($"{where}.min", Min, problems);
        Rules.CheckCount($"{where}.max", Max, problems);
        Rules.CheckOrder(where, "min", Min, "max", Max, problems);
        if (type is not (null or "list"))
        {
            problems.Add($"{where}: items are counted of lists, not of a column of type {type}");
        }
    }
}
