using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Models.Tests.Explanations;

public sealed class ReferenceRowsTests
{
    [Fact]
    public void Rows_are_copied_and_their_means_known()
    {
        var rows = ExplainedModels.Rows(3, seed: 1);
        var reference = ReferenceRows.Of(rows);
        Assert.Equal(rows.Numeric(1), reference.Numeric(1));
        Assert.Equal(rows.Category(1), reference.Category(1));
        Assert.Equal(rows.Numeric(2).ToArray().Average(value => (double)value), reference.Mean(2), 12);
        rows.Numeric(1)[0] = 99;
        Assert.NotEqual(99, reference.Numeric(1)[0]);
    }

    [Fact]
    public void No_rows_and_unknown_categories_are_refused()
    {
        Assert.Contains("no reference row", Assert.Throws<ArgumentException>(() => ReferenceRows.Of(ExplainedModels.Rows(0, seed: 1))).Message);
        var rows = ExplainedModels.Rows(3, seed: 1);
        rows.Category(1)[2] = 5;
        Assert.Contains("Reference row 2 has category 5 in feature 'm'", Assert.Throws<ArgumentException>(() => ReferenceRows.Of(rows)).Message);
    }

    [Fact]
    public void What_is_read_is_what_was_written_and_of_no_other_layout()
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        ExplainedModels.Reference(5).WriteTo(writer);
        var read = ReferenceRows.ReadFrom(new CborReader(writer.Encode()), ExplainedModels.Layout);
        Assert.Equal(ExplainedModels.Reference(5).Numeric(0), read.Numeric(0));
        Assert.Equal(ExplainedModels.Reference(5).Category(0), read.Category(0));
        Assert.Throws<CorruptStateException>(() => ReferenceRows.ReadFrom(
            new CborReader(writer.Encode()), new([Capstan.Features.FeatureSpec.Numeric("a"), .. ExplainedModels.Layout.Numerics])));
    }
}
