using System.Text;

namespace Capstan.Data.Tests.Summaries;

public sealed class DocumentFrequenciesTests
{
    static DocumentFrequencies Of(params string[] documents)
    {
        var state = DocumentFrequencies.Empty;
        foreach (var document in documents)
        {
            state.ObserveDocument();
            foreach (var term in document.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                state.Terms.Observe(Encoding.UTF8.GetBytes(term));
            }
        }

        return state;
    }

    [Fact]
    public void Merging_any_split_equals_one_pass()
    {
        string[] documents = ["a b", "", "b c", "a", "d b a", ""];
        var whole = Of(documents).ToBytes();
        Assert.Equal(6, Of(documents).Documents);
        for (var cut = 0; cut <= documents.Length; cut++)
        {
            var (left, right) = (Of(documents[..cut]), Of(documents[cut..]));
            Assert.Equal(whole, left.Merge(right).ToBytes());
            Assert.Equal(whole, right.Merge(left).ToBytes());
        }
    }

    [Fact]
    public void A_stored_state_is_read_back_and_an_impossible_one_refused()
    {
        var bytes = Of("a b", "b").ToBytes();
        var read = StoredState.FromBytes<DocumentFrequencies>(bytes);
        Assert.Equal((2, 2), (read.Documents, read.Terms.CountOf("b"u8)));
        Assert.Equal(bytes, read.ToBytes());
        var impossible = DocumentFrequencies.Empty;
        impossible.Terms.Observe("a"u8);
        Assert.Contains("1 of 0 documents", Assert.Throws<CorruptStateException>(() => StoredState.FromBytes<DocumentFrequencies>(impossible.ToBytes())).Message, StringComparison.Ordinal);
    }
}
