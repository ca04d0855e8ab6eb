using System.Buffers;
using System.Globalization;
using System.Text;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Replicas;

/// <summary>
/// Whatever bytes come, they are refused in words or understood: nothing else is thrown, and nobody waits. CAPSTAN_FUZZ=1000000 in the
/// environment makes it that many mutations of each kind.
/// </summary>
public sealed class FuzzLaws
{
    static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : usual;

    static readonly string Good = """{"distance":2.5,"passengers":1,"vendor":"Acme","night":true,"pickup":"2001-03-31T23:59:00"}""";

    static readonly string[] Bodies =
    [
        $$"""{"instances":[{{Good}},{{Good}}]}""",
        $$"""{"signature_name":"serving_default","examples":[{{Good}}]}""",
        """{"inputs":{"distance":[2.5,1],"passengers":[1,2],"vendor":["Acme",null],"night":[true,false],"pickup":["2001-03-31","2001-04-01"]}}""",
        """{"id":"1","inputs":[{"name":"distance","shape":[1],"datatype":"FP64","data":[2.5]},{"name":"passengers","shape":[1,1],"datatype":"INT32","data":[[1]]}],"outputs":[{"name":"prediction"}]}""",
    ];

    static readonly byte[][] Pieces = [.. new[] { "{", "}", "[", "]", "\"", ",", ":", "null", "1e400", "\\ud800", "-", "NaN", "\0", "{\"b64\":\"", "[[[[[[[[" }.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3]];

    /// <summary>One to four changes: a bit, a byte, a piece put in, a stretch left out or repeated.</summary>
    static byte[] Mutate(byte[] bytes, SeededRandom random, bool sameLength)
    {
        var mutant = bytes.ToList();
        for (var change = random.NextInt32(4); change >= 0 && mutant.Count > 0; change--)
        {
            var at = random.NextInt32(mutant.Count);
            switch (random.NextInt32(sameLength ? 2 : 5))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.NextInt32(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.NextInt32(256);
                    break;
                case 2:
                    mutant.InsertRange(at, Pieces[random.NextInt32(Pieces.Length)]);
                    break;
                case 3:
                    mutant.RemoveRange(at, Math.Min(random.NextInt32(20), mutant.Count - at));
                    break;
                default:
                    mutant.InsertRange(at, mutant.GetRange(at, Math.Min(random.NextInt32(40), mutant.Count - at)));
                    break;
            }
        }

        return [.. mutant];
    }

    [Fact]
    public void Any_body_is_answered_or_refused()
    {
        var slot = new ModelSlot(new TripModel());
        var lane = slot.Lanes.Get();
        var random = new SeededRandom(1);
        var (answered, refused) = (0, 0);
        for (var round = 0; round < Count(20_000); round++)
        {
            var body = Mutate(Encoding.UTF8.GetBytes(Bodies[round % Bodies.Length]), random, sameLength: false);
            try
            {
                var sequence = new ReadOnlySequence<byte>(body);
                _ = (round % Bodies.Length) switch
                {
                    1 => lane.Regress(sequence),
                    3 => lane.Infer(sequence, "v1", "r1"),
                    _ => lane.Predict(sequence),
                };
                answered++;
            }
            catch (RefusedRequestException)
            {
                refused++;
            }
        }

        Assert.True(answered > 0 && refused > 0);
    }

    /// <summary>A ModelInferRequest, typed or raw, with the lengths of its parts as they were.</summary>
    static byte[] Message(bool isRaw)
    {
        var request = isRaw ? Inference.GrpcTests.Raw() : Inference.GrpcTests.Typed();
        var message = Google.Protobuf.MessageExtensions.ToByteArray(request);
        return [0, .. BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(message.Length)), .. message];
    }

    [Fact]
    public void Any_message_over_gRPC_is_answered_or_refused()
    {
        var lane = new ModelSlot(new TripModel()).Lanes.Get();
        var random = new SeededRandom(3);
        byte[][] messages = [Message(isRaw: false), Message(isRaw: true)];
        var (answered, refused) = (0, 0);
        for (var round = 0; round < Count(20_000); round++)
        {
            // The prefix stays as it fits, so that more than its length is found wrong.
            var mutant = Mutate(messages[round % 2][5..], random, sameLength: random.NextInt32(2) == 0);
            byte[] body = [0, .. BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(mutant.Length)), .. mutant];
            try
            {
                lane.InferMessage(new ReadOnlySequence<byte>(body), "v1", "r1");
                answered++;
            }
            catch (RefusedRequestException)
            {
                refused++;
            }
        }

        Assert.True(answered > 0 && refused > 0);
    }

    [Theory, InlineData(null), InlineData(true), InlineData(false)]
    public void Any_csv_is_answered_or_refused(bool? header)
    {
        var lane = new ModelSlot(new TripModel()).Lanes.Get();
        var random = new SeededRandom(4);
        var csv = Encoding.UTF8.GetBytes((header is false ? "" : "distance,passengers,vendor,night,pickup\n") +
            "2.5,1,\"Ac\"\"me, Inc.\",true,2001-03-31T23:59:00\r\n,,,,\n1,2,x,no,2001-04-01\n");
        var (answered, refused) = (0, 0);
        for (var round = 0; round < Count(5_000); round++)
        {
            var rest = new ReadOnlySequence<byte>(round == 0 ? csv : Mutate(csv, random, sameLength: false));
            var format = new CsvFormat(header);
            format.Begin(lane);
            try
            {
                for (var number = 0; format.TryTake(ref rest, isLast: true, out var record);)
                {
                    number += format.TryAdd(lane, record, number) ? 1 : 0;
                }

                format.Answer(lane, 0);
                answered++;
            }
            catch (RefusedRequestException)
            {
                refused++;
            }
        }

        Assert.True(answered > 0 && refused > 0);
    }

    [Fact]
    public void Any_artifact_is_read_or_refused_whatever_its_checksums_say()
    {
        var names = GoldenArtifacts.Names.ToArray();
        var folder = Directory.CreateTempSubdirectory("capstan-fuzz-").FullName;
        try
        {
            var random = new SeededRandom(2);
            var (read, refused) = (0, 0);
            for (var round = 0; round < Count(300); round++)
            {
                WriteMutant(GoldenArtifacts.At(names[round % names.Length]), folder, random);
                try
                {
                    ArtifactFolder.Read(folder);
                    read++;
                }
                catch (CorruptArtifactException)
                {
                    refused++;
                }
            }

            Assert.True(refused > read);
        }
        finally
        {
            Folders.Remove(folder);
        }
    }

    /// <summary>One file is changed, and the checksums are made to fit, so that what reads it has to find out by itself.</summary>
    static void WriteMutant(string artifact, string folder, SeededRandom random)
    {
        foreach (var old in Directory.EnumerateFiles(folder))
        {
            File.Delete(old);
        }

        var files = File.ReadLines(Path.Combine(artifact, "SHA256SUMS")).Select(line => line.Split("  ")[1]).ToArray();
        var mutated = random.NextInt32(files.Length);
        var sums = new StringBuilder();
        for (var index = 0; index < files.Length; index++)
        {
            var bytes = File.ReadAllBytes(Path.Combine(artifact, files[index]));
            bytes = index == mutated ? Mutate(bytes, random, sameLength: random.NextInt32(2) == 0) : bytes;
            File.WriteAllBytes(Path.Combine(folder, files[index]), bytes);
            sums.Append(CultureInfo.InvariantCulture, $"{ContentHash.Of(bytes)}  {files[index]}\n");
        }

        File.WriteAllText(Path.Combine(folder, "SHA256SUMS"), sums.ToString());
    }
}
