using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>Writes answers, and refuses what goes to an address with another method.</summary>
static class Answers
{
    public const string Json = "application/json";

    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Says why there is no other answer; where one has begun, the connection ends.</summary>
    public static async Task RefuseAsync(HttpContext context, Problem problem, string requestId)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        if (problem.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        context.Response.StatusCode = problem.Status;
        await WriteAsync(context, ProblemWriter.Write(problem, requestId), ProblemWriter.ContentType);
    }

    public static void RequireMethod(HttpContext context, string method)
    {
        if (!HttpMethods.Equals(context.Request.Method, method))
        {
            context.Response.Headers.Allow = method;
            throw new RefusedRequestException(HttpProblems.WrongMethod(context.Request.Method, context.Request.Path, method));
        }
    }
}
