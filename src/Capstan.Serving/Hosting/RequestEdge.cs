using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// The edge of a request: it has an id, and whatever goes wrong becomes an answer in the form that its caller reads. Thread-safe.
/// </summary>
/// <param name="refusalOf">What a failure of a kind of its own says to a caller; null for all others.</param>
/// <param name="logFailure">Is told of what nobody foresaw: the failure, the request's id and its path.</param>
sealed class RequestEdge(Func<Exception, Problem?> refusalOf, Action<Exception, string, string> logFailure)
{
    public const string RequestIdHeader = "X-Request-Id";
    const int LongestRequestId = 128;

    /// <param name="answer">Gets the request and its id.</param>
    public async Task AnswerAsync(HttpContext context, Func<HttpContext, string, Task> answer)
    {
        var requestId = RequestIdOf(context);
        context.Response.Headers[RequestIdHeader] = requestId;
        Problem problem;
        try
        {
            await answer(context, requestId);
            return;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to tell.
            return;
        }
        catch (RefusedRequestException refusal)
        {
            problem = refusal.Problem;
        }
        catch (BadHttpRequestException refusal)
        {
            problem = HttpProblems.Of(refusal);
        }
        catch (Exception failure)
        {
            // Whatever a model throws must not reach the caller as a broken connection.
            problem = refusalOf(failure) ?? Unforeseen(failure, requestId, context.Request.Path);
        }

        await (GrpcAnswers.Expects(context.Request)
            ? GrpcAnswers.RefuseAsync(context, problem)
            : Answers.RefuseAsync(context, problem, requestId));
    }

    Problem Unforeseen(Exception failure, string requestId, string path)
    {
        logFailure(failure, requestId, path);
        return HttpProblems.Internal(requestId);
    }

    /// <summary>
    /// The caller's own id where it is one that a log can hold on a line; otherwise the connection's id and the request's number
    /// on it.
    /// </summary>
    public static string RequestIdOf(HttpContext context)
    {
        var sent = context.Request.Headers[RequestIdHeader];
        return sent.Count == 1 && sent[0] is { Length: > 0 and <= LongestRequestId } id &&
            !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : context.TraceIdentifier;
    }
}
