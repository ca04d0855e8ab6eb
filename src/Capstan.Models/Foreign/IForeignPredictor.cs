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
}
