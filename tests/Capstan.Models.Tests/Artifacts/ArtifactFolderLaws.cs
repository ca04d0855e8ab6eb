using System.Formats.Cbor;

namespace Capstan.Models.Tests.Artifacts;

/// <summary>Whatever the files hold, with checksums that fit: a model that works, or a refusal, and never much memory.</summary>
public sealed class ArtifactFolderLaws
{
    const int Rounds = 1500;
    const long MostBytes = 64L << 20;

    public static TheoryData<string, int> Models => new() { { "linear", 41 }, { "dnn", 42 }, { "trees", 43 } };

    [Theory]
    [MemberData(nameof(Models))]
    public void Random_damage_is_refused_or_harmless(string model, int seed)
    {
        using var folder = new TemporaryFolder();
        var artifact = model switch
        {
            "linear" => SmallModels.Linear(),
            "dnn" => SmallModels.Dnn(),
            _ => SmallModels.Trees(),
        };
        ArtifactFolder.Write(artifact, folder["model"], overwrite: false);
        var files = Directory.EnumerateFiles(folder["model"]).Where(path => !path.EndsWith("SHA256SUMS", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        var random = new Random(seed);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var name = files.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(files.Count));
            var damaged = new Dictionary<string, byte[]>(files) { [name] = Damage(files[name], random) };
            SmallModels.WriteFiles(folder["damaged"], damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ArtifactFolder.Read(folder["damaged"]);
            }
            catch (CorruptArtifactException)
            {
                refused++;
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}, round {round}, {name}: {other}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }

        // Some damage is harmless: other digits in the lineage, another label, statistics that still hold together.
        Assert.InRange(refused, Rounds / 3, Rounds);
    }

    [Theory]
    [InlineData("predictor.cbor")]
    [InlineData("label.cbor")]
    [InlineData("transform.cbor")]
    [InlineData("statistics.cbor")]
    [InlineData("golden.cbor")]
    public void Bytes_after_the_end_are_refused(string name) => CheckRefused(name, bytes => [.. bytes, 0], "follow its end");

    [Fact]
    public void A_number_too_large_for_its_field_is_refused() => CheckRefused("label.cbor", _ => Cbor(writer =>
    {
        writer.WriteStartArray(6);
        writer.WriteUInt64(ulong.MaxValue);
    }), "");

    [Fact]
    public void A_type_that_is_one_only_when_cut_to_a_byte_is_refused() => CheckRefused("label.cbor", _ => Cbor(writer =>
    {
        writer.WriteStartArray(6);
        writer.WriteInt32(1);
        writer.WriteTextString("late");
        writer.WriteTextString("false");
        writer.WriteTextString("true");
        writer.WriteInt32(256 + 3);
        writer.WriteStartArray(2);
        writer.WriteTextString("late");
        writer.WriteInt32(3);
        writer.WriteEndArray();
        writer.WriteEndArray();
    }), "unknown type 259");

    [Fact]
    public void A_classifier_without_classes_is_refused() =>
        CheckRefused("label.cbor", _ => SmallModels.Dnn().Sections.Single(section => section.FileName == "label.cbor").Bytes, "its label has 0 classes, its predictor 2");

    [Fact]
    public void Golden_rows_of_other_columns_are_refused() => CheckRefused("golden.cbor", _ => Cbor(writer => new GoldenRows(
        SmallModels.Rows(0) is var rows ? new Data.ColumnBatch(rows.Schema.Select(["fare"]), [rows["fare"]]) : rows, []).WriteTo(writer)), "");

    [Fact]
    public void A_label_that_nests_without_end_is_refused() => CheckRefused("label.cbor", _ => Cbor(writer =>
    {
        writer.WriteStartArray(6);
        writer.WriteInt32(1);
        writer.WriteTextString(string.Concat(Enumerable.Repeat("x + ", 100_000)) + "x");
        writer.WriteTextString("");
        writer.WriteTextString("");
        writer.WriteInt32(0);
        writer.WriteStartArray(0);
        writer.WriteEndArray();
        writer.WriteEndArray();
    }), "A chain has at most");

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{ \"data\": ")]
    public void A_lineage_that_is_none_is_refused(string json) => CheckRefused("lineage.json", _ => System.Text.Encoding.UTF8.GetBytes(json), "");

    static void CheckRefused(string name, Func<byte[], byte[]> change, string message)
    {
        using var folder = new TemporaryFolder();
        ArtifactFolder.Write(SmallModels.Linear(), folder["model"], overwrite: false);
        var files = Directory.EnumerateFiles(folder["model"]).Where(path => !path.EndsWith("SHA256SUMS", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        files[name] = change(files[name]);
        SmallModels.WriteFiles(folder["changed"], files);
        Assert.Contains(message, Assert.Throws<CorruptArtifactException>(() => ArtifactFolder.Read(folder["changed"])).Message, StringComparison.Ordinal);
    }

    static byte[] Cbor(Action<CborWriter> write)
    {
        var writer = new CborWriter(CborConformanceMode.Lax, allowMultipleRootLevelValues: true);
        write(writer);
        return Encoded(writer);
    }

    /// <summary>Also of what has no end yet: closed with zeros.</summary>
    static byte[] Encoded(CborWriter writer)
    {
        while (writer.CurrentDepth > 0)
        {
            writer.WriteInt32(0);
            try
            {
                writer.WriteEndArray();
            }
            catch (InvalidOperationException)
            {
                // Not yet as many as the array was said to have.
            }
        }

        return writer.Encode();
    }

    static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(5))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    damaged.RemoveRange(at, Math.Min(damaged.Count - at - 1, random.Next(1, 9)));
                    break;
                default:
                    // CBOR heads that claim gigabytes, or nest.
                    damaged.InsertRange(at, random.Next(3) switch
                    {
                        0 => [0x9b, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff],
                        1 => [0x5a, 0x7f, 0xff, 0xff, 0xff],
                        _ => Enumerable.Repeat((byte)0x81, 300),
                    });
                    break;
            }
        }

        return [.. damaged];
    }
}
