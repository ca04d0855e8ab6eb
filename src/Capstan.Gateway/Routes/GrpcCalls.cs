using Capstan.Serving;
using Microsoft.AspNetCore.Http;

namespace Capstan.Gateway;

/// <summary>
/// Calls over gRPC at a server around a gateway, which knows its callers and asks first who may: what a call is about, and how it is refused.
/// </summary>
public static class GrpcCalls
{
    // What is longer names no model, and would fill logs. (Over HTTP the length of an address is limited.)
    const int LongestName = 512;

    /// <summary>Whether a request speaks gRPC.</summary>
    public static bool IsOne(HttpRequest request) => GrpcAnswers.Expects(request);

    /// <summary>Looks into a call's message, which stays to be read by the gateway.</summary>
    /// <param name="maxBodyBytes">The largest message that is looked at.</param>
    /// <returns>Null where the call names no model that can be asked for: it has been refused, and is done.</returns>
    public static async ValueTask<RouteAddress?> AddressAsync(HttpContext context, int maxBodyBytes)
    {
        if (GrpcEndpoints.OnlyReads(context) is not { } isReading)
        {
            // The gateway answers it, or says that there is no such method.
            return new RouteAddress("", RouteAccess.Read);
        }

        Problem problem;
        try
        {
            var (model, _) = await GrpcEndpoints.LookAsync(context, maxBodyBytes);
            if (model.Length is > 0 and <= LongestName)
            {
                return new RouteAddress(model, isReading ? RouteAccess.Read : RouteAccess.Score);
            }

            problem = GrpcProblems.NoModel();
        }
        catch (RefusedRequestException refusal)
        {
            problem = refusal.Problem;
        }

        await GrpcAnswers.RefuseAsync(context, problem);
        return null;
    }

    /// <summary>Says in gRPC's words why there is no answer; where one has begun, the call ends.</summary>
    /// <param name="status">The status that a caller over HTTP would get.</param>
    /// <param name="code">A stable word for programs.</param>
    public static Task RefuseAsync(HttpContext context, int status, string code, string message) =>
        GrpcAnswers.RefuseAsync(context, new Problem(status, code, code, message));
}
