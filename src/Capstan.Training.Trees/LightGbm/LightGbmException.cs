using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>LightGBM's native library refused something, or could not be loaded.</summary>
public sealed class LightGbmException : Exception
{
    LightGbmException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Throws what the library says, unless a call returned 0.</summary>
    internal static unsafe void Check(int code)
    {
        if (code != 0)
        {
            var text = Marshal.PtrToStringUTF8((nint)NativeLightGbm.LGBM_GetLastError());
            throw new LightGbmException($"LightGBM could not go on: {text}");
        }
    }

    internal static LightGbmException NotLoaded(Exception cause) => new(
        "Boosted trees are grown by LightGBM's native library, which could not be loaded here: " +
        $"{cause.Message.Split('\n')[0].TrimEnd('.')}. It runs on Linux and Windows (x64) and macOS, and on Linux needs GNU's " +
        "OpenMP: apt-get install libgomp1.",
        cause);
}
