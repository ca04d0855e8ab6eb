namespace Capstan.Cluster;

/// <summary>What a node does for jobs.</summary>
[Flags]
public enum NodeRoles
{
    None = 0,

    /// <summary>Reads data and computes gradients.</summary>
    Worker = 1,

    /// <summary>Holds parameters.</summary>
    ParameterServer = 2,

    Both = Worker | ParameterServer,
}
