using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Service.Tests;

/// <summary>A collector of OpenTelemetry that keeps what it is sent.</summary>
sealed class OtlpCollector : IAsyncDisposable
{
    readonly WebApplication _server;
    readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];

    OtlpCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue((context.Request.Path, body.ToArray()));
        });
    }

    /// <summary>As hexadecimal digits, the parent none for a trace's first.</summary>
    public sealed record Span(string Name, string Trace, string Id, string Parent);

    public string Url => _server.Urls.First();

    /// <summary>All measurements as they came: names and texts stand in OTLP's messages as they are.</summary>
    public string Metrics => string.Concat(BodiesOf("/v1/metrics").Select(Encoding.Latin1.GetString));

    /// <summary>By the numbers of trace.proto: resource_spans 1, scope_spans 2, spans 2; trace_id 1, span_id 2, parent_span_id 4, name 5.</summary>
    public IReadOnlyList<Span> Spans =>
    [
        .. BodiesOf("/v1/traces").SelectMany(body => Fields(body, 1)).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2))
            .Select(span => new Span(Encoding.UTF8.GetString(Fields(span, 5).Single()), Id(span, 1), Id(span, 2), Id(span, 4))),
    ];

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._server.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>The names from a span up to the last whose parent was sent, and that parent's id; null: no span of that name was sent.</summary>
    public IReadOnlyList<(IReadOnlyList<string> Names, string Trace, string Above)> WaysUpFrom(string name)
    {
        var spans = Spans.DistinctBy(span => span.Id).ToDictionary(span => span.Id);
        return
        [
            .. spans.Values.Where(span => span.Name == name).Select(span =>
            {
                var (names, last) = (new List<string> { span.Name }, span);
                while (spans.TryGetValue(last.Parent, out var parent))
                {
                    names.Add(parent.Name);
                    last = parent;
                }

                return ((IReadOnlyList<string>)names, last.Trace, last.Parent);
            }),
        ];
    }

    IEnumerable<byte[]> BodiesOf(string path) => _received.Where(each => each.Path == path).Select(each => each.Body);

    static string Id(byte[] span, int field) => Convert.ToHexStringLower(Fields(span, field).FirstOrDefault() ?? []);

    /// <summary>The values of a field that has a length, in a protobuf message.</summary>
    static IEnumerable<byte[]> Fields(byte[] message, int field)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var length = (key & 7) switch
            {
                0 => SkippedVarint(message, ref at),
                1 => 8,
                2 => (int)Varint(message, ref at),
                5 => 4,
                var other => throw new InvalidDataException($"There is no wire type {other}."),
            };
            if (key >> 3 == (ulong)field && (key & 7) == 2)
            {
                yield return message[at..(at + length)];
            }

            at += length;
        }
    }

    static int SkippedVarint(byte[] message, ref int at)
    {
        Varint(message, ref at);
        return 0;
    }

    static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(message[at] & 0x7f) << shift;
            if (message[at++] < 0x80)
            {
                return value;
            }
        }
    }
}
