using System.Collections;
using System.CommandLine;
using Capstan.Service;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Capstan.Cli;

/// <summary>
/// Traces and measurements of a server or a node, sent to a collector of OpenTelemetry where one is named. Nothing of it is loaded without.
/// </summary>
sealed class TelemetryOption
{
    /// <summary>OpenTelemetry's own variables; the exporter reads the others of its specification, too.</summary>
    static readonly string[] Variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    readonly Option<string?> _otlp = new("--otlp")
    {
        Description = $"Send traces and metrics to this OpenTelemetry collector, by HTTP; {Variables[0]} without it.",
        HelpName = "URL",
    };

    public void AddTo(Command command) => command.Options.Add(_otlp);

    /// <returns>Ends the sending when it is disposed, with what is left to send; null: nobody asked for it.</returns>
    public IDisposable? Start(ParseResult line)
    {
        if (line.GetValue(_otlp) is not { } url)
        {
            return StartByVariables();
        }

        var collector = CollectorOf(url);
        // Nodes that this process has a pool start send to the same.
        Environment.SetEnvironmentVariable(Variables[0], collector.AbsoluteUri);
        Environment.SetEnvironmentVariable(ProtocolVariable, "http/protobuf");
        return Telemetry.Start(collector);
    }

    /// <returns>As <see cref="Start"/>; null: no variable names a collector.</returns>
    public static IDisposable? StartByVariables() =>
        Variables.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }) ? Telemetry.Start(null) : null;

    /// <summary>What a process that this one starts without its environment has to find in its own, to send to the same collector.</summary>
    public static Dictionary<string, string> VariablesOfChildren() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(variable => $"{variable.Key}".StartsWith("OTEL_", StringComparison.Ordinal))
        .ToDictionary(variable => $"{variable.Key}", variable => $"{variable.Value}");

    static Uri CollectorOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"--otlp was given '{text}', expected an address such as http://127.0.0.1:4318.");
}

/// <summary>The two senders.</summary>
sealed class Telemetry : IDisposable
{
    // Capstan's own, and what .NET itself measures of its web server and its runtime.
    static readonly string[] Meters = ["Capstan.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    readonly TracerProvider _traces;
    readonly MeterProvider _metrics;

    Telemetry(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <param name="collector">Null: as OpenTelemetry's variables say.</param>
    public static Telemetry Start(Uri? collector)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("capstan", serviceVersion: CapstanVersion.Text);
        void Send(OtlpExporterOptions exporter, string signal)
        {
            if (collector is not null)
            {
                (exporter.Protocol, exporter.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri(collector, signal));
            }
        }

        return new Telemetry(
            Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Capstan.*")
                .AddOtlpExporter(exporter => Send(exporter, "v1/traces")).Build(),
            Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters)
                .AddOtlpExporter(exporter => Send(exporter, "v1/metrics")).Build());
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }
}
