using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// The Open Inference Protocol, version 2 over gRPC: the service inference.GRPCInferenceService, whose messages are read and written by hand
/// (decision 0340). Thread-safe.
/// </summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/inference_grpc.md.</remarks>
sealed class GrpcEndpoints(Func<ServedModels> models, ScoringEndpoint scoring, int maxBodyBytes)
{
    const string Service = "/inference.GRPCInferenceService/";

    /// <exception cref="RefusedRequestException">There is no such method or model, or the request is not what it takes.</exception>
    public Task HandleAsync(HttpContext context) => TryAnswerAsync(context) ?? MethodOf(context) switch
    {
        "ModelInfer" => InferAsync(context),
        "ModelReady" => ReadyAsync(context),
        _ => DescribeAsync(context),
    };

    /// <summary>Answers what is asked of the server itself.</summary>
    /// <returns>Null where it is asked of a model.</returns>
    /// <exception cref="RefusedRequestException">There is no such method.</exception>
    public static Task? TryAnswerAsync(HttpContext context) => MethodOf(context) switch
    {
        "ServerLive" or "ServerReady" => AnswerAsync(context, InferenceMessages.WriteTrue),
        "ServerMetadata" => AnswerAsync(context, InferenceMessages.WriteServer),
        "ModelInfer" or "ModelReady" or "ModelMetadata" => null,
        _ => throw new RefusedRequestException(GrpcProblems.UnknownMethod(context.Request.Path.Value ?? "")),
    };

    /// <summary>Whether a call only looks at a model; null where it is about none.</summary>
    public static bool? OnlyReads(HttpContext context) => MethodOf(context) switch
    {
        "ModelReady" or "ModelMetadata" => true,
        "ModelInfer" => false,
        _ => null,
    };

    async Task InferAsync(HttpContext context)
    {
        var (route, asked) = TargetOf(await LookAsync(context, maxBodyBytes));
        await scoring.HandleAsync(context, route, asked, ScoringVerb.InferMessage);
    }

    async Task ReadyAsync(HttpContext context)
    {
        var (route, asked) = TargetOf(await LookAsync(context, maxBodyBytes));
        var isReady = (asked ?? route.Default) is { } version && await version.CanAnswerAsync();
        await AnswerAsync(context, isReady ? InferenceMessages.WriteTrue : InferenceMessages.WriteFalse);
    }

    async Task DescribeAsync(HttpContext context)
    {
        var (route, asked) = TargetOf(await LookAsync(context, maxBodyBytes));
        var version = asked ?? route.Default ?? throw new RefusedRequestException(HttpProblems.NoTraffic(route));
        var model = (await ScoringEndpoint.SlotOf(version)).Model;
        await AnswerAsync(context, message => InferenceMessages.WriteModel(message, model, route.Versions.Select(each => each.Version)));
    }

    static Task AnswerAsync(HttpContext context, Action<ProtobufWriter> write)
    {
        var message = new ProtobufWriter();
        GrpcFrame.Begin(message);
        write(message);
        return GrpcAnswers.WriteAsync(context, GrpcFrame.End(message));
    }

    static string MethodOf(HttpContext context) =>
        context.Request.Path.Value is { } path && path.StartsWith(Service, StringComparison.Ordinal) ? path[Service.Length..] : "";

    /// <summary>Which model and version the request is for; the body stays to be read.</summary>
    /// <exception cref="RefusedRequestException">The body is no such message, or too large.</exception>
    public static async ValueTask<(string Model, string Version)> LookAsync(HttpContext context, int maxBodyBytes)
    {
        var read = await RequestBody.ReadAsync(context, maxBodyBytes);
        try
        {
            var message = GrpcFrame.MessageOf(read.Buffer);
            return InferMessageReader.TargetOf(message.IsSingleSegment ? message.FirstSpan : message.ToArray());
        }
        finally
        {
            context.Request.BodyReader.AdvanceTo(read.Buffer.Start);
        }
    }

    (ServedRoute Route, VersionSlot? Asked) TargetOf((string Model, string Version) named)
    {
        var served = models();
        var route = served.Find(named.Model) ?? throw new RefusedRequestException(HttpProblems.UnknownModel(named.Model, served));
        return named.Version.Length == 0
            ? (route, null)
            : (route, route.Find(named.Version) ?? throw new RefusedRequestException(HttpProblems.UnknownVersion(named.Version, route)));
    }
}
