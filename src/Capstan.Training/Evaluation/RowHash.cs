namespace Capstan.Training;

/// <summary>Random bits of a row by its number: the same whoever asks, in whatever order.</summary>
/// <remarks>SplitMix64's finisher, twice. Source: G. Steele et al., Fast splittable pseudorandom number generators, OOPSLA 2014.</remarks>
static class RowHash
{
    public static ulong Of(ulong stream, long row) => Mix(Mix(stream) + (ulong)row);

    static ulong Mix(ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }
}
