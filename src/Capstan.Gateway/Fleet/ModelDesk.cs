namespace Capstan.Gateway;

/// <summary>All that a gateway has at hand for a model with a route: its replicas, its traffic, and what came of its predictions.</summary>
sealed class ModelDesk(string model, ReplicaGroup group, Experiment experiment)
{
    volatile string? _lastRollback;
    volatile KeptRoute? _answering;
    volatile CanaryTrial? _trial;

    public string Model { get; } = model;

    public ReplicaGroup Group { get; } = group;

    public ModelTraffic Traffic { get; } = new();

    public Experiment Experiment { get; } = experiment;

    /// <summary>The route that its replicas answer by; null until they were told the first time.</summary>
    public KeptRoute? Answering
    {
        get => _answering;
        set => _answering = value;
    }

    /// <summary>What is looked at of a version on trial; null where there is none, or nothing but errors and latency counts.</summary>
    public CanaryTrial? Trial
    {
        get => _trial;
        set => _trial = value;
    }

    /// <summary>Why a version on trial lost its share; null where none did since the gateway started.</summary>
    public string? LastRollback
    {
        get => _lastRollback;
        set => _lastRollback = value;
    }
}
