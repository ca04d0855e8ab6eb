namespace Capstan.Parameters;

/// <summary>Files of state that are no longer wanted.</summary>
static class StateFile
{
    /// <summary>Deletes one, if it is there; where that can't be done, it stays.</summary>
    public static void Drop(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // It takes room, and does no other harm.
        }
    }
}
