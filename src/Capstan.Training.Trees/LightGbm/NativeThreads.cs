namespace Capstan.Training.Trees;

/// <summary>
/// How many threads LightGBM works with. It is one number for the whole process, and a booster that shares its growth with other machines
/// keeps as many places as there were threads when it began: were the number raised meanwhile, it would write beyond them. So
/// whoever begins while another grows works with the number of the first; it changes no tree. Thread-safe.
/// </summary>
sealed class NativeThreads : IDisposable
{
    static readonly Lock Gate = new();
    static int s_count;
    static int s_holders;

    bool _isHeld = true;

    NativeThreads(int count) => Count = count;

    // Who failed to begin holds nothing for good.
    ~NativeThreads() => Release();

    /// <summary>The number in force, until this and all others that hold it are disposed of.</summary>
    public int Count { get; }

    /// <param name="wanted">In force where nobody holds another number.</param>
    public static NativeThreads Hold(int wanted)
    {
        lock (Gate)
        {
            s_count = s_holders++ == 0 ? wanted : s_count;
            return new NativeThreads(s_count);
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    void Release()
    {
        lock (Gate)
        {
            s_holders -= _isHeld ? 1 : 0;
            _isHeld = false;
        }
    }
}
