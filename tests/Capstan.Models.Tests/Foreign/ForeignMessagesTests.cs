using System.Buffers;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Foreign;

/// <summary>What travels to the process of a foreign model arrives as it was.</summary>
public sealed class ForeignMessagesTests
{
    static readonly FeatureLayout Layout = new(
        [FeatureSpec.Numeric("a"), FeatureSpec.Category("c", 7), FeatureSpec.Numeric("b")],
        new Schema([new Field("text", DataType.Text), new Field("count", DataType.Int64), new Field("tags", DataType.TextList)]));

    sealed class Remembering(string name) : ForeignRuntime(name)
    {
        public (FeatureLayout Features, byte[] Content, string Binding) Got { get; private set; }

        public override IForeignPredictor Read(FeatureLayout features, ReadOnlyMemory<byte> content, string binding)
        {
            Got = (features, content.ToArray(), binding);
            throw new ArgumentException("that is enough.");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void Features_of_every_kind_arrive_as_they_were(int count)
    {
        var (sent, got) = (new FeatureBuffer(Layout), new FeatureBuffer(Layout));
        sent.Resize(count);
        var rows = new BatchBuilder(Layout.Passed);
        for (var row = 0; row < count; row++)
        {
            (sent.Numeric(0)[row], sent.Numeric(1)[row], sent.Category(0)[row]) = (row / 3f, -row, row % 7);
            if (row % 5 == 0)
            {
                rows.Columns[0].AppendMissing();
            }
            else
            {
                rows.Columns[0].Append($"\u00fc{row}");
            }

            rows.Columns[1].Append((long)row << 40);
            rows.Columns[2].Items.Append("one");
            rows.Columns[2].AppendList();
        }

        sent.Passed = rows.Batch;
        var message = new ArrayBufferWriter<byte>();
        ForeignMessages.WriteFeatures(sent, message);
        ForeignMessages.ReadFeatures(message.WrittenMemory, got);
        Assert.Equal(count, got.RowCount);
        for (var index = 0; index < 2; index++)
        {
            Assert.Equal(sent.Numeric(index).ToArray(), got.Numeric(index).ToArray());
        }

        Assert.Equal(sent.Category(0).ToArray(), got.Category(0).ToArray());
        foreach (var name in Layout.Passed.Names)
        {
            Assert.Equal(
                Enumerable.Range(0, count).Select(row => sent.Passed[name].ValueAt(row)), Enumerable.Range(0, count).Select(row => got.Passed[name].ValueAt(row)));
        }
    }

    [Fact]
    public void A_model_arrives_with_its_layout_its_binding_and_every_byte()
    {
        var runtime = new Remembering("Remembering");
        ForeignRuntime.Add(runtime);
        Assert.Throws<ArgumentException>(() => ForeignMessages.ReadModel(
            ForeignMessages.WriteModel("Remembering", Layout, "a + b"), new byte[] { 0, 1, 255 }));
        Assert.Equal(Layout, runtime.Got.Features);
        Assert.Equal("a + b", runtime.Got.Binding);
        Assert.Equal([0, 1, 255], runtime.Got.Content);
        foreach (var output in new[] { ModelOutput.Value, ModelOutput.LogOdds, ModelOutput.Classes(5) })
        {
            Assert.Equal(output, ForeignMessages.ReadOutput(ForeignMessages.WriteOutput(output)));
        }
    }
}
