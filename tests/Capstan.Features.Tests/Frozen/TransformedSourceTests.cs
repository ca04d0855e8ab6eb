using Capstan.Data;

namespace Capstan.Features.Tests.Frozen;

public sealed class TransformedSourceTests
{
    static readonly Schema Raw = new([new("x", DataType.Float64), new("word", DataType.Text), new("id", DataType.Int64)]);

    static readonly FrozenTransform Transform = new(Raw,
    [
        ("kind", ExprParser.Parse("hash(word, 16)")), ("third", ExprParser.Parse("x / 3")), ("long", ExprParser.Parse("x * 1e300")),
    ]);

    [Fact]
    public async Task Its_columns_are_what_the_transform_computes_to_the_bit_after_the_raw_columns_kept()
    {
        var rows = Rows(20_000);
        var source = new TransformedSource(rows, Transform, ["id"]);
        Assert.Equal("id: int, third: number, long: number, kind: int", source.Schema.ToString());
        Assert.Equal(["third", "long", "kind"], source.FeatureNames);
        Assert.Equal(20_000, source.RowCount());
        var expected = new FeatureBuffer(Transform.Output);
        var workspace = Transform.CreateWorkspace();
        await using var raw = rows.ReadAllAsync([.. Raw.Names], default).GetAsyncEnumerator();
        await foreach (var batch in source.ReadAllAsync(["kind", "id", "long", "third"], default))
        {
            Assert.True(await raw.MoveNextAsync());
            Transform.Apply(raw.Current, expected, workspace);
            Assert.Equal(expected.Category(0).ToArray().Select(each => (long)each), batch["kind"].Int64s.ToArray());
            Assert.Equal(raw.Current["id"].Int64s, batch["id"].Int64s);
            Assert.Equal(Bits(expected.Numeric(0).ToArray()), Bits([.. batch["third"].Float64s.ToArray().Select(each => (float)each)]));
            Assert.Equal(Bits(expected.Numeric(1).ToArray()), Bits([.. batch["long"].Float64s.ToArray().Select(each => (float)each)]));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Equal("keep", Assert.Throws<ArgumentException>(() => new TransformedSource(Rows(1), Transform, ["id", "id"])).ParamName);
        Assert.Throws<UnknownColumnException>(() => new TransformedSource(Rows(1), Transform, ["nope"]));
        var texts = new Schema([new("x", DataType.Text), new("word", DataType.Text)]);
        var failure = Assert.Throws<ArgumentException>(() =>
            new TransformedSource(new MemorySource(texts, [new BatchBuilder(texts).Batch]), Transform, []));
        Assert.Contains("'x' is text", failure.Message);
    }

    [Fact]
    public void Another_transform_is_another_content()
    {
        var other = new FrozenTransform(Raw, [("third", ExprParser.Parse("x / 4"))]);
        Assert.NotEqual(
            new TransformedSource(Rows(3), Transform, []).Fingerprint, new TransformedSource(Rows(3), other, []).Fingerprint);
    }

    static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);

    static MemorySource Rows(int count)
    {
        var batches = new List<ColumnBatch>();
        for (var start = 0; start < count; start += 7000)
        {
            var builder = new BatchBuilder(Raw);
            for (var row = start; row < Math.Min(count, start + 7000); row++)
            {
                if (row % 5 == 0)
                {
                    builder.Columns[0].AppendMissing();
                    builder.Columns[1].AppendMissing();
                }
                else
                {
                    builder.Columns[0].Append(row / 7.0);
                    builder.Columns[1].Append($"w{row % 31}");
                }

                builder.Columns[2].Append((long)row);
            }

            batches.Add(builder.Batch);
        }

        return new MemorySource(Raw, batches);
    }
}
