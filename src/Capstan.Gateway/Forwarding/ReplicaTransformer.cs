using Capstan.Serving;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Capstan.Gateway;

/// <summary>
/// Sends a request on as it is, but for its id, which replica and gateway share, and for the model's name where the address names
/// a project's. One for each request.
/// </summary>
/// <param name="token">By which the replica knows its gateway.</param>
/// <param name="path">The path at the replica; null leaves it as it is.</param>
/// <param name="deadline">What is left of it is what the replica has.</param>
/// <param name="answered">Called with the replica's answer before the caller sees any of it.</param>
sealed class ReplicaTransformer(string requestId, string token, string? path, RequestDeadline deadline, Action<HttpResponseMessage> answered) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Remove("X-Request-Id");
        proxyRequest.Headers.TryAddWithoutValidation("X-Request-Id", requestId);
        proxyRequest.Headers.Remove(ReplicaGuard.TokenHeader);
        proxyRequest.Headers.TryAddWithoutValidation(ReplicaGuard.TokenHeader, token);
        if (deadline.Left is { } left)
        {
            proxyRequest.Headers.Remove(RequestDeadline.Header);
            proxyRequest.Headers.TryAddWithoutValidation(
                RequestDeadline.Header, ((long)left.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (path is not null)
        {
            proxyRequest.RequestUri = new Uri(new Uri(destinationPrefix), path);
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        // The replica's own answer has the id, too; one is enough.
        if (proxyResponse is not null)
        {
            answered(proxyResponse);
            httpContext.Response.Headers.Remove("X-Request-Id");
            if (GrpcAnswers.Expects(httpContext.Request))
            {
                PutStatusBehind(httpContext.Response, proxyResponse);
            }
        }

        return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <summary>A replica can't write trailers over HTTP/1.1, so what gRPC has there came in headers.</summary>
    static void PutStatusBehind(HttpResponse response, HttpResponseMessage answer)
    {
        foreach (var name in new[] { GrpcAnswers.StatusTrailer, GrpcAnswers.MessageTrailer, GrpcAnswers.CodeTrailer })
        {
            if (answer.Headers.TryGetValues(name, out var values))
            {
                response.AppendTrailer(name, values.First());
                answer.Headers.Remove(name);
            }
        }
    }
}
