using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service.Tests.Wire;

/// <summary>What is written is what is read: for messages of every kind, made at random from the surface itself.</summary>
public sealed class ResourceLaws
{
    const int Count = 10_000;

    static readonly string[] Kinds = ["Job", "Model", "Version", "Study", "Trial"];
    static readonly string[] Texts = ["", "a", "x/y", "\u00e9\u4e2d\U0001f600", "quote\"back\\slash", "line\nbreak\ttab", "<&>'", "\u0000\u001f"];

    [Fact]
    public async Task Ten_thousand_generated_resources_are_read_back_equal()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-laws-");
        try
        {
            await using var database = await RegistryDatabase.OpenAsync(Path.Combine(folder.FullName, "registry.db"), CancellationToken.None);
            var random = new Random(4_711);
            var written = new Dictionary<string, string>();
            for (var block = 0; block < Count; block += 500)
            {
                var resources = Enumerable.Range(block, 500).Select(index => Make(random, index)).ToArray();
                await database.WriteAsync(async session =>
                {
                    foreach (var resource in resources)
                    {
                        Assert.True(await session.Resources.TryInsertAsync(resource, CancellationToken.None));
                    }
                }, CancellationToken.None);
                foreach (var resource in resources)
                {
                    written[resource.Name] = resource.Body.ToJsonString();
                }
            }

            await database.ReadAsync(async session =>
            {
                foreach (var (name, body) in written)
                {
                    var found = await session.Resources.FindAsync(name, CancellationToken.None);
                    Assert.Equal(body, found!.Body.ToJsonString());
                }

                return true;
            }, CancellationToken.None);
        }
        finally
        {
            folder.Remove();
        }
    }

    static Resource Make(Random random, int index)
    {
        var type = ApiSurface.V1.Message(Kinds[random.Next(Kinds.Length)]);
        var sent = Message(random, type, 0, snake: random.Next(2) == 0);
        var read = MessageReader.Read(System.Text.Encoding.UTF8.GetBytes(sent.ToJsonString()), type);

        // What was read is a fixed point: read again it is the same.
        Assert.Equal(read.ToJsonString(), MessageReader.Read(System.Text.Encoding.UTF8.GetBytes(read.ToJsonString()), type).ToJsonString());
        return new Resource($"projects/p/things/t{index}", "thing", "projects/p", "READY", read);
    }

    static JsonObject Message(Random random, MessageType type, int depth, bool snake)
    {
        var message = new JsonObject();
        foreach (var field in type.Fields.Where(_ => random.Next(depth + 2) == 0))
        {
            var name = snake ? field.SnakeName : field.Name;
            message[name] = field.IsMap ? new JsonObject { ["k"] = Texts[random.Next(Texts.Length)] }
                : field.IsRepeated ? new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, field, depth, snake))])
                : Value(random, field, depth, snake);
        }

        return message;
    }

    static JsonNode? Value(Random random, MessageField field, int depth, bool snake) => field.Type switch
    {
        WireType.Text => Texts[random.Next(Texts.Length)],
        WireType.Enumeration => field.Values[random.Next(field.Values.Count)],
        WireType.Boolean => random.Next(2) == 0,
        WireType.Int32 => random.Next(int.MinValue, int.MaxValue),
        WireType.Int64 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        WireType.Double => BitConverter.Int64BitsToDouble(random.NextInt64()) is var number && double.IsFinite(number) ? number : 0.1,
        WireType.Bytes => Convert.ToBase64String(BitConverter.GetBytes(random.NextInt64())),
        WireType.Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(253_402_300_799_999)).ToString("O", CultureInfo.InvariantCulture),
        WireType.Duration => $"{random.Next(-100_000, 100_000)}.{random.Next(1, 999_999):D6}s",
        WireType.Message => depth > 6 ? new JsonObject() : Message(random, field.Message!.Value, depth + 1, snake),
        _ => new JsonObject { ["any"] = new JsonArray(1, "two", null) },
    };
}
