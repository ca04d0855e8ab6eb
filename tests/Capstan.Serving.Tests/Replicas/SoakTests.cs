using System.Buffers;
using System.Globalization;
using System.Net;

namespace Capstan.Serving.Tests.Replicas;

/// <summary>
/// Memory stays flat however long a replica answers, refuses, and takes tables. CAPSTAN_SOAK=2000000 in the environment makes it so many requests,
/// which take about half an hour.
/// </summary>
[Collection(ProcessMemory.Name)]
public sealed class SoakTests
{
    const int RequestsOfTable = 200;
    const long Slack = 2 << 20;

    static readonly string[] Artifacts = ["artifact-v1-2-linear", "artifact-v1-2-dnn"];

    static int Requests => int.TryParse(
        Environment.GetEnvironmentVariable("CAPSTAN_SOAK"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 6_000;

    [Fact]
    public async Task Memory_is_flat_while_requests_come_and_versions_change()
    {
        await using var replica = await Replica.StartAsync(new ReplicaOptions(), CancellationToken.None);
        using var client = new HttpClient { BaseAddress = replica.Url };
        byte[][] bodies = [.. Artifacts.Select(Body)];
        var early = 0L;
        for (var request = 0; request < Requests; request++)
        {
            var generation = 1 + request / RequestsOfTable;
            if (request % RequestsOfTable == 0)
            {
                await replica.ApplyAsync(Table(generation), CancellationToken.None);
            }

            var isBroken = request % 7 == 0;
            using var content = new ByteArrayContent(isBroken ? bodies[generation % 2][..^3] : bodies[generation % 2]);
            using var answer = await client.PostAsync("/v1/models/m:predict", content);
            Assert.Equal(isBroken ? HttpStatusCode.BadRequest : HttpStatusCode.OK, answer.StatusCode);
            if (request == Requests / 3)
            {
                early = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, early + Slack);
    }

    static RoutingTable Table(int generation) => new(generation, [new ModelRoute(
        "m", [GoldenArtifacts.Version($"v{generation}", Artifacts[generation % 2])], [], Split.AllTo($"v{generation}"))]);

    static byte[] Body(string artifact)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(GoldenArtifacts.Rows(GoldenArtifacts.Model("m", artifact).Inputs, 3, 1), 0, 3, body);
        return body.WrittenSpan.ToArray();
    }
}
