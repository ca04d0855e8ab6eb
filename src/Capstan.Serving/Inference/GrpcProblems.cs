namespace Capstan.Serving;

/// <summary>What can be wrong with a request over gRPC before its message is read, and the codes in which gRPC says what is wrong.</summary>
static class GrpcProblems
{
    public static Problem NotOneMessage(long bytes) => new(400, "invalid_message", "The body is not a message of the protocol",
        $"The body has {bytes:N0} bytes that are not one message behind its length in four bytes; send one message with each request.");

    public static Problem Compressed() => new(501, "compressed_message", "The message is compressed",
        "The message is compressed, which is not taken here; send it with the encoding 'identity'.");

    public static Problem NoModel() => new(404, "unknown_model", "There is no such model",
        "The message names no model that could be here; put a model's name into model_name (into name, where it is asked about).");

    public static Problem UnknownMethod(string path) => new(501, "unknown_method", "There is no such method",
        $"There is no method '{RequestProblems.Shorten(path)}'; there are ServerLive, ServerReady, ModelReady, ServerMetadata, " +
        $"ModelMetadata and ModelInfer of inference.GRPCInferenceService.");

    /// <remarks>Source: grpc/grpc, doc/statuscodes.md; google/rpc/code.proto says which goes with which status of HTTP.</remarks>
    public static int CodeOf(Problem problem) => problem.Status switch
    {
        400 when problem.Code == "no_traffic" => 9, // FAILED_PRECONDITION
        400 => 3, // INVALID_ARGUMENT
        401 => 16, // UNAUTHENTICATED
        403 => 7, // PERMISSION_DENIED
        404 => 5, // NOT_FOUND
        413 or 429 => 8, // RESOURCE_EXHAUSTED
        501 => 12, // UNIMPLEMENTED
        502 or 503 => 14, // UNAVAILABLE
        504 => 4, // DEADLINE_EXCEEDED
        _ => 13, // INTERNAL
    };

    /// <summary>Whether a code says that the server failed, as the statuses of HTTP from 500 on do.</summary>
    public static bool IsFailure(string code) => code is "2" or "4" or "13" or "14";
}
