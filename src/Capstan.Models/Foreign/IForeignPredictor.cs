namespace Capstan.Models;

/// <summary>
/// A predictor that another program's runtime computes: a model that was trained elsewhere. Its scores may differ in their last
/// digits with the processor, and with how many rows are scored at a time.
/// </summary>
public interface IForeignPredictor : IPredictor
{
    /// <summary>The name of the <see cref="ForeignRuntime"/> that reads <see cref="Content"/>.</summary>
    string Runtime { get; }

    /// <summary>The model, as its own file has it.</summary>
    ReadOnlyMemory<byte> Content { get; }

    /// <summary>How features become the model's inputs and its outputs scores: the runtime's own text.</summary>
    string Binding { get; }

    /// <summary>
    /// How many calls another process computes at the same time, while their callers wait; 0 where the calling thread computes.
    /// </summary>
    int Places => 0;

    /// <summary>
    /// Gives back what it holds beside this process's memory, such as a process of its own, as soon as no call is in progress; the next
    /// call takes it again.
    /// </summary>
    void Rest()
    {
    }
}
