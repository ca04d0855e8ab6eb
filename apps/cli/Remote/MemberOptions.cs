using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary>How many machines of which type a training of the tier CUSTOM asks for, in the words of gcloud.</summary>
sealed class MemberOptions
{
    // A count needs a type; this one says nothing of a machine.
    const string UsualType = "standard";

    static readonly (string Group, string Words)[] Groups =
        [("worker", "worker"), ("parameterServer", "parameter-server"), ("evaluator", "evaluator")];

    readonly Option<string?> _master = new("--master-machine-type")
    {
        Description = "For --scale-tier CUSTOM: the master's machine, such as n1-standard-4.", HelpName = "TYPE",
    };

    readonly (string Group, Option<int?> Count, Option<string?> Type)[] _groups =
    [
        .. Groups.Select(each => (
            each.Group,
            new Option<int?>($"--{each.Words}-count")
            {
                Description = $"For --scale-tier CUSTOM: how many {each.Words}s.", HelpName = "N",
            },
            new Option<string?>($"--{each.Words}-machine-type") { Description = "The machine of each.", HelpName = "TYPE" })),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_master);
        foreach (var (_, count, type) in _groups)
        {
            command.Options.Add(count);
            command.Options.Add(type);
        }
    }

    /// <summary>Into a <c>trainingInput</c> whose scale tier is there already.</summary>
    public void Write(ParseResult line, JsonObject input)
    {
        var isCustom = $"{input["scaleTier"]}" == "CUSTOM";
        if ((line.GetValue(_master) ?? (isCustom ? UsualType : null)) is { } master)
        {
            input["masterType"] = master;
        }

        foreach (var (group, count, type) in _groups)
        {
            if (line.GetValue(count) is { } number)
            {
                input[$"{group}Count"] = $"{number}";
                input[$"{group}Type"] = line.GetValue(type) ?? UsualType;
            }
        }
    }
}
