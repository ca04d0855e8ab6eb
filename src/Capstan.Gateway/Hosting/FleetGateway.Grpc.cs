using Capstan.Serving;
using Microsoft.AspNetCore.Http;

namespace Capstan.Gateway;

/// <summary>
/// The Open Inference Protocol over gRPC: the model is named in the message, so that is looked into; all else is as for other requests. What is
/// asked of the server itself is answered here.
/// </summary>
public sealed partial class FleetGateway
{
    async Task AnswerGrpcAsync(HttpContext context, string requestId)
    {
        if (GrpcEndpoints.TryAnswerAsync(context) is { } answering)
        {
            await answering;
            return;
        }

        var (model, _) = await GrpcEndpoints.LookAsync(context, _options.MaxBodyBytes);
        var desk = _models.GetValueOrDefault(model) ?? throw RouteProblems.UnknownModel(model, Routes.Current.Table);
        await ForwardAsync(context, desk, requestId, path: null);
    }
}
