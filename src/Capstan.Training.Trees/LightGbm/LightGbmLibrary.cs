using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>The native library of this process, kept silent.</summary>
static unsafe class LightGbmLibrary
{
    /// <summary>Loads the library, unless it is, and silences it for calls of this thread.</summary>
    /// <exception cref="LightGbmException">The library could not be loaded.</exception>
    public static void Load()
    {
        try
        {
            // It prints what it thinks of data and parameters to the standard output, which is the caller's. What shall be done with
            // messages is kept for each thread.
            LightGbmException.Check(NativeLightGbm.LGBM_RegisterLogCallback(&Ignore));
        }
        catch (Exception cause) when (cause is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw LightGbmException.NotLoaded(cause);
        }
    }

    [UnmanagedCallersOnly]
    static void Ignore(byte* message)
    {
    }
}
