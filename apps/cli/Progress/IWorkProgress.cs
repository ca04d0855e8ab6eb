namespace Capstan.Cli;

/// <summary>Shows how long work gets on, stage by stage.</summary>
interface IWorkProgress
{
    /// <summary>Begins a stage; disposing it ends it, as done or as failed.</summary>
    /// <param name="name">What is done, as a person says it: "epoch 2 of 10".</param>
    /// <param name="total">How many units there are, or null where that is not known.</param>
    /// <param name="unit">What is counted: "rows".</param>
    IWorkStage Start(string name, long? total, string unit);
}

/// <summary>A stage of long work. Thread-safe and cheap: call it once per batch.</summary>
interface IWorkStage : IDisposable
{
    void Advance(long amount);

    /// <summary>A figure that changes as the work goes on, such as "loss 0.312"; replaces the one before.</summary>
    void Show(string figure);

    /// <summary>All was done; without it the stage ends as broken off.</summary>
    void Complete();
}
