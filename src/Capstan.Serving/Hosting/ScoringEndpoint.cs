using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>What a caller wants to be told about its instances.</summary>
enum ScoringVerb
{
    Predict,

    /// <summary>As <see cref="Predict"/>, in the form of Vertex AI's endpoints.</summary>
    PredictEndpoint,
    Explain,
    Classify,
    Regress,
    Infer,

    /// <summary>As <see cref="Infer"/>, over gRPC.</summary>
    InferMessage,
}

/// <summary>From a request for predictions to its answer: which version, whether it has a place, and the scoring. Thread-safe.</summary>
sealed class ScoringEndpoint(int maxBodyBytes, ulong seed, TimeProvider time, ShadowScoring shadows)
{
    public const string HashHeader = "X-Capstan-Model-Version";
    public const string VersionHeader = "X-Capstan-Version";
    public const string KeyHeader = "X-Capstan-Key-Hash";
    public const string ValueHeader = "X-Capstan-Value";
    public const string ProbabilityHeader = "X-Capstan-Probability";

    // 2^64 / golden ratio: successive numbers are far apart before they are mixed.
    const ulong Step = 0x9E37_79B9_7F4A_7C15;

    ulong _drawn = seed;

    /// <param name="asked">The version or label that the caller names; null leaves it to the route.</param>
    public async Task HandleAsync(HttpContext context, ServedRoute route, VersionSlot? asked, ScoringVerb verb)
    {
        if (verb == ScoringVerb.Predict && RowScoring.FormatOf(context.Request) is { } format)
        {
            await AnswerRowsAsync(context, route, asked, format);
            return;
        }

        var deadline = RequestDeadline.Of(context, time);
        var read = await RequestBody.ReadAsync(context, maxBodyBytes);
        var advanced = false;
        VersionSlot? version = null;
        try
        {
            version = asked ?? Pick(context, route, read.Buffer);

            // Refusals and failures name their version, too: whoever watches a version on trial must see them.
            context.Response.Headers[HashHeader] = version.Hash;
            context.Response.Headers[VersionHeader] = version.Version;
            if (!version.TryEnter())
            {
                version.Counts.CountShed();
                throw new RefusedRequestException(HttpProblems.TooManyRequests(version));
            }

            try
            {
                var slot = await SlotOf(version);
                deadline.Require();
                var lane = slot.Lanes.Get();
                try
                {
                    var answer = slot.IsElsewhere
                        ? await AnswerElsewhereAsync(slot, deadline, lane, verb, read.Buffer, version, context)
                        : AnswerOf(lane, verb, read.Buffer, version, context);
                    if (asked is null && !route.Shadows.IsEmpty && verb == ScoringVerb.Predict)
                    {
                        shadows.Mirror(route.Shadows, read.Buffer);
                    }

                    context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                    advanced = true;
                    if (asked is null && route.Route.Split.Shares.Length > 1 && lane.OnlyPrediction is { } prediction)
                    {
                        // While versions are compared, whoever joins outcomes with answers must not have to read bodies.
                        context.Response.Headers[slot.Model.Labels is null ? ValueHeader : ProbabilityHeader] =
                            prediction.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                    }

                    version.Counts.CountAnswered();
                    await (verb == ScoringVerb.InferMessage
                        ? GrpcAnswers.WriteAsync(context, answer)
                        : Answers.WriteAsync(context, answer));
                }
                finally
                {
                    slot.Lanes.Return(lane);
                }
            }
            finally
            {
                version.Leave();
            }
        }
        catch (RefusedRequestException refusal)
        {
            Count(version, refusal.Problem);
            throw;
        }
        finally
        {
            if (!advanced)
            {
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    /// <summary>The version is picked without the body, of which nothing is there yet; one place is taken for all rows.</summary>
    async Task AnswerRowsAsync(HttpContext context, ServedRoute route, VersionSlot? asked, IRowFormat format)
    {
        var version = asked ?? Pick(context, route, ReadOnlySequence<byte>.Empty);
        context.Response.Headers[HashHeader] = version.Hash;
        context.Response.Headers[VersionHeader] = version.Version;
        if (!version.TryEnter())
        {
            version.Counts.CountShed();
            throw new RefusedRequestException(HttpProblems.TooManyRequests(version));
        }

        try
        {
            var slot = await SlotOf(version);
            var lane = slot.Lanes.Get();
            try
            {
                await RowScoring.HandleAsync(context, slot, lane, format, maxBodyBytes);
                version.Counts.CountAnswered();
            }
            finally
            {
                slot.Lanes.Return(lane);
            }
        }
        catch (RefusedRequestException refusal)
        {
            Count(version, refusal.Problem);
            throw;
        }
        finally
        {
            version.Leave();
        }
    }

    /// <summary>As <see cref="AnswerOf"/>, where another process computes and the request may have to wait for its turn.</summary>
    static ValueTask<ReadOnlyMemory<byte>> AnswerElsewhereAsync(
        ModelSlot slot, RequestDeadline deadline, ScoringLane lane, ScoringVerb verb, ReadOnlySequence<byte> body, VersionSlot version,
        HttpContext context) => slot.RunAsync(
            () =>
            {
                deadline.Require();
                return AnswerOf(lane, verb, body, version, context);
            },
            context.RequestAborted);

    static ReadOnlyMemory<byte> AnswerOf(
        ScoringLane lane, ScoringVerb verb, in ReadOnlySequence<byte> body, VersionSlot version, HttpContext context) => verb switch
    {
        ScoringVerb.Predict => lane.Predict(body),
        ScoringVerb.PredictEndpoint => lane.PredictEndpoint(
            body, new AnsweringModel(ParentOf(context.Request.Path.Value), version.Version)),
        ScoringVerb.Explain => lane.Explain(body),
        ScoringVerb.Classify => lane.Classify(body),
        ScoringVerb.Regress => lane.Regress(body),
        ScoringVerb.InferMessage => lane.InferMessage(body, version.Version, RequestIdOf(context)),
        _ => lane.Infer(body, version.Version, RequestIdOf(context)),
    };

    /// <summary>Of an endpoint's address: "projects/PROJECT/locations/LOCATION".</summary>
    static string ParentOf(ReadOnlySpan<char> path) => RequestTarget.TryParse(path, out var target)
        ? $"projects/{target.Project}/locations/{target.Location}" : "";

    static string RequestIdOf(HttpContext context) => context.Response.Headers[RequestEdge.RequestIdHeader].ToString();

    VersionSlot Pick(HttpContext context, ServedRoute route, in ReadOnlySequence<byte> body)
    {
        var hash = 0UL;
        if (route.Route.Split.StickyBy is { } sticky && KeyOf(sticky, context.Request, body) is { } key)
        {
            hash = StickyKey.Hash(route.Name, key);
            context.Response.Headers[KeyHeader] = hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        }
        else if (route.Route.Split.Shares.Length > 1)
        {
            hash = Data.ValueHash.Mix(Interlocked.Add(ref _drawn, Step));
        }

        return route.Pick(hash) ?? throw new RefusedRequestException(HttpProblems.NoTraffic(route));
    }

    static string? KeyOf(StickyKey sticky, HttpRequest request, in ReadOnlySequence<byte> body)
    {
        if (sticky.Place != StickyPlace.Field)
        {
            return sticky.Of(request, []);
        }

        var isMessage = GrpcAnswers.Expects(request);
        var content = isMessage ? GrpcFrame.MessageOf(body) : body;
        var bytes = content.IsSingleSegment ? content.FirstSpan : content.ToArray();
        return isMessage ? InferKey.Of(bytes, sticky.Name) : sticky.Of(request, bytes);
    }

    public static async ValueTask<ModelSlot> SlotOf(VersionSlot version)
    {
        try
        {
            return await version.GetAsync();
        }
        catch (VersionNotReadyException problem)
        {
            throw new RefusedRequestException(HttpProblems.NotReady(problem));
        }
    }

    static void Count(VersionSlot? version, Problem problem)
    {
        if (problem.Status >= 500)
        {
            version?.Counts.CountFailed();
        }
        else if (problem.Status != StatusCodes.Status429TooManyRequests)
        {
            version?.Counts.CountRefused();
        }
    }
}
