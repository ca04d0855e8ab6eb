using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>In how many documents each term stands, a document being any row's list of terms, and how many documents there are.</summary>
public sealed class DocumentFrequencies : IMergeable<DocumentFrequencies>, IStoredState<DocumentFrequencies>
{
    public static DocumentFrequencies Empty => new();

    /// <summary>Each term once for every document that it stands in; the caller leaves out repeats.</summary>
    public TopValues Terms { get; private init; } = TopValues.Empty;

    public long Documents { get; private set; }

    /// <summary>Counts a document; its terms go to <see cref="Terms"/>.</summary>
    public void ObserveDocument() => Documents++;

    public DocumentFrequencies Merge(DocumentFrequencies other) =>
        new() { Terms = Terms.Merge(other.Terms), Documents = Documents + other.Documents };

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 2);
        fields.Number(1, Documents);
        fields.State(2, Terms);
        fields.End();
    }

    public static DocumentFrequencies ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(DocumentFrequencies), 2);
        var state = new DocumentFrequencies { Documents = fields.Count(1), Terms = fields.State<TopValues>(2) };
        fields.End();
        var most = state.Terms.Ordered(1);
        fields.Check(most.Count == 0 || most[0].Count <= state.Documents, $"a term stands in {(most.Count == 0 ? 0 : most[0].Count):N0} of {state.Documents:N0} documents");
        return state;
    }
}
