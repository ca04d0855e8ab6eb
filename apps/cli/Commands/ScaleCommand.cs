using System.CommandLine;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary><c>capstan scale</c>: how many replicas a model may have.</summary>
sealed class ScaleCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "The model." };

    readonly Option<int?> _min = new("--min") { Description = "The fewest replicas; 0 lets an idle model have none.", HelpName = "COUNT" };

    readonly Option<int?> _max = new("--max") { Description = "The most replicas.", HelpName = "COUNT" };

    readonly Option<int?> _manual = new("--manual") { Description = "So many replicas whatever the load.", HelpName = "COUNT" };

    readonly Option<string?> _metric = new("--metric")
    {
        Description = "What decides: concurrency, requests-per-second or cpu.", HelpName = "METRIC",
    };

    readonly Option<double?> _target = new("--target") { Description = "How much of it a replica should have.", HelpName = "NUMBER" };

    readonly ServerOption _server = new();

    public ScaleCommand()
        : base(
            "scale", "Say how many replicas a model may have, and by what they are counted.",
            new Example("capstan scale trips --min 1 --max 8", "never without a replica, never more than eight"),
            new Example("capstan scale trips --metric requests-per-second --target 5000", "one for each 5,000 requests a second"))
    {
        Arguments.Add(_model);
        Options.Add(_min);
        Options.Add(_max);
        Options.Add(_manual);
        Options.Add(_metric);
        Options.Add(_target);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var usual = new ScaleSettings();
        var settings = new
        {
            minNodes = line.GetValue(_min) ?? usual.MinNodes,
            maxNodes = line.GetValue(_max) ?? Math.Max(usual.MaxNodes, line.GetValue(_min) ?? 0),
            manualNodes = line.GetValue(_manual),
            metric = MetricOf(line.GetValue(_metric)).ToString(),
            target = line.GetValue(_target),
        };
        using var gateway = _server.Connect(line);
        var route = await gateway.SendAsync(
            HttpMethod.Put, $"/v1beta/routes/{line.GetRequiredValue(_model)}/scaling", settings, cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WritePropertyName("scaling");
                route.GetProperty("scaling").WriteTo(json);
            });
        }
        else
        {
            RouteTable.Write(session, [route]);
        }

        return ExitCodes.Ok;
    }

    static ScaleMetric MetricOf(string? text) => text switch
    {
        null or "concurrency" => ScaleMetric.Concurrency,
        "requests-per-second" => ScaleMetric.RequestsPerSecond,
        "cpu" => ScaleMetric.Cpu,
        _ => throw new UsageException($"--metric was given '{text}', expected concurrency, requests-per-second or cpu."),
    };
}
