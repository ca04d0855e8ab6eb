namespace Capstan.Features;

/// <summary>One vector instruction of a plan: reads registers (or input columns) and writes one. Immutable.</summary>
abstract class Op
{
    public abstract void Run(Frame frame);
}
