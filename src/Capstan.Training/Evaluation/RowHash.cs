using Capstan.Data;

namespace Capstan.Training;

/// <summary>Random bits of a row by its number: the same whoever asks, in whatever order.</summary>
static class RowHash
{
    public static ulong Of(ulong stream, long row) =>
        SeededRandom.Scrambled(SeededRandom.Scrambled(stream) + (ulong)row);
}
