namespace Capstan.Features;

/// <summary>Hands out register numbers and takes them back for reuse.</summary>
sealed class RegisterFile
{
    readonly Stack<int> _free = [];

    /// <summary>How many registers are needed in all.</summary>
    public int Count { get; private set; }

    public int Take() => _free.TryPop(out var register) ? register : Count++;

    /// <summary>A register for a constant, which is filled once per frame.</summary>
    public int TakeForEver() => Count++;

    public void GiveBack(int register) => _free.Push(register);
}
