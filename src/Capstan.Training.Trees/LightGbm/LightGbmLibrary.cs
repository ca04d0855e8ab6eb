using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>The native library of this process: silent, and with threads that sleep while they wait.</summary>
static unsafe partial class LightGbmLibrary
{
    // Between two short loops GNU's OpenMP keeps its threads spinning, so that on a machine with other work they take the time from those
    // who still compute: small trainings took 8 times the processor time, and 10 times as long. Asked for before the library is
    // loaded, which reads it then; whoever has set it decides.
    static readonly Lazy<bool> WaitsPassively = new(() =>
        OperatingSystem.IsWindows() || SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0) == 0);

    /// <summary>Loads the library, unless it is, and silences it for calls of this thread.</summary>
    /// <exception cref="LightGbmException">The library could not be loaded.</exception>
    public static void Load()
    {
        _ = WaitsPassively.Value;
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

    // Not System.Environment, whose changes native code does not see on Unix.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
