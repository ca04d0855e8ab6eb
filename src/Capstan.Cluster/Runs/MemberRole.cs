namespace Capstan.Cluster;

/// <summary>What a member of a distributed program does, in CMLE's terms.</summary>
public enum MemberRole
{
    /// <summary>The one that leads: its exit code is the program's.</summary>
    Chief,
    Worker,
    ParameterServer,

    /// <summary>Looks at what the others make, and is none of the cluster that they see.</summary>
    Evaluator,
}

/// <summary>One process of a distributed program.</summary>
/// <param name="Index">0-based among those of its role.</param>
public readonly record struct Member(MemberRole Role, int Index)
{
    /// <summary>As TF_CONFIG has it.</summary>
    public string Task => Role switch
    {
        MemberRole.Chief => "chief",
        MemberRole.Worker => "worker",
        MemberRole.ParameterServer => "ps",
        _ => "evaluator",
    };

    /// <summary>For log lines: <c>worker-1</c>.</summary>
    public override string ToString() => $"{Task}-{Index}";
}
