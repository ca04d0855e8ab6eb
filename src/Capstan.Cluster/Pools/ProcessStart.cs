using System.Globalization;

namespace Capstan.Cluster;

/// <summary>When a process began, which tells it from a later one of the same number.</summary>
static class ProcessStart
{
    /// <returns>Clock ticks since the machine started; null where there is no such process, or only its exit code is
    /// left.</returns>
    public static long? Of(int process) => Fields(process) is { } fields && fields[0] is not ("Z" or "X")
        ? long.Parse(fields[19], CultureInfo.InvariantCulture)
        : null;

    /// <returns>Null where there is no such process.</returns>
    public static int? ParentOf(int process) => Fields(process) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : null;

    // State, parent, … and the start as the twentieth: what follows the name in parentheses, which may hold anything.
    static string[]? Fields(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
