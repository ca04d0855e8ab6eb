using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>How many rows had a true and how many a false label.</summary>
public sealed class LabelCounts : IMergeable<LabelCounts>, IStoredState<LabelCounts>
{
    public static LabelCounts Empty => new();

    public long True { get; private set; }

    public long False { get; private set; }

    public long Total => True + False;

    /// <summary>Counts that were found elsewhere.</summary>
    internal static LabelCounts Of(long withTrue, long total) => new() { True = withTrue, False = total - withTrue };

    public void Observe(bool label)
    {
        True += label ? 1 : 0;
        False += label ? 0 : 1;
    }

    public LabelCounts Merge(LabelCounts other) => new() { True = True + other.True, False = False + other.False };

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 2);
        fields.Number(1, True);
        fields.Number(2, False);
        fields.End();
    }

    public static LabelCounts ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(LabelCounts), 2);
        var counts = new LabelCounts { True = fields.Count(1), False = fields.Count(2) };
        fields.End();
        return counts;
    }
}
