using System.Buffers;
using System.Text;
using System.Text.Json;
using Capstan.Models;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>
/// Predictions and explanations by a version, or by a model's default version, of raw rows. What is deployed answers through the
/// fleet, everything else in this process, with the same bytes.
/// </summary>
sealed class PredictionMethods(ModelCache models, HostedFleet fleet) : IMethodGroup
{
    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.predict", request => ScoreAsync(request, explain: false)),
        ("ml.projects.explain", request => ScoreAsync(request, explain: true)),
    ];

    async Task<Answer> ScoreAsync(ApiRequest request, bool explain)
    {
        if (fleet.Answers(request.Name))
        {
            return await fleet.ScoreAsync(request, Unwrap(request.Raw), explain);
        }

        var version = await request.ReadAsync(session => VersionOfAsync(request, session));
        var hash = version.Body[VersionMethods.ArtifactHash]!.GetValue<string>(); // a ready version has one
        using var model = await UseAsync(hash, version, request.Cancellation);
        var answer = new ArrayBufferWriter<byte>();
        var refusal = await model.Scoring.ScoreAsync(
            new ReadOnlySequence<byte>(Unwrap(request.Raw)), answer, explain, request.Cancellation);
        return refusal switch
        {
            null => new Answer(answer.WrittenMemory) { ModelVersion = model.Scoring.Model.Version },
            { Status: 500 } => throw new ServiceException(StatusCode.Internal, refusal.Message),
            { Status: 501 } => throw Refused(StatusCode.Unimplemented, refusal.Status, refusal.Message, refusal.Instance, refusal.Field),
            _ => throw Refused(StatusCode.InvalidArgument, refusal.Status, refusal.Message, refusal.Instance, refusal.Field),
        };
    }

    /// <summary>What a model refused, by the place in the request that it did not like.</summary>
    public static ServiceException Refused(StatusCode code, int httpStatus, string message, int? instance, string? field)
    {
        var place = instance is { } index ? $"instances[{index}]{(field is null ? "" : $".{field}")}" : "instances";
        return new ServiceException(code, message, new FieldViolation(place, message)) { HttpStatus = httpStatus };
    }

    async Task<ModelUse> UseAsync(string hash, Resource version, CancellationToken cancellationToken)
    {
        try
        {
            return await models.UseAsync(hash, version.Parent[(version.Parent.LastIndexOf('/') + 1)..], cancellationToken);
        }
        catch (Exception damage) when (damage is DamagedArtifactException or CorruptArtifactException or ForeignModelException)
        {
            throw new ServiceException(StatusCode.DataLoss, $"'{version.Name}' is not served: {damage.Message}");
        }
    }

    static async Task<Resource> VersionOfAsync(ApiRequest request, RegistrySession session)
    {
        var name = request.Name;
        switch (name.Split('/'))
        {
            case ["projects", _, "models", _]:
                var model = await session.Resources.FindAsync(name, request.Cancellation) ?? throw ServiceException.NotFound(name);
                name = ModelMethods.DefaultOf(model) ?? throw new ServiceException(
                    StatusCode.FailedPrecondition,
                    $"'{name}' has no default version yet. Create a version, and wait until it is READY.");
                break;
            case ["projects", _, "models", _, "versions", _]:
                break;
            default:
                throw ServiceException.NotFound(name);
        }

        return await VersionMethods.RequireReadyAsync(session, name, request.Cancellation);
    }

    /// <summary>The typed clients' form, <c>{"httpBody":{"data":"…"}}</c>, holds the body as text or as base 64.</summary>
    static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() ||
                reader.TokenType != JsonTokenType.PropertyName ||
                !(reader.ValueTextEquals("httpBody"u8) || reader.ValueTextEquals("http_body"u8)))
            {
                return body;
            }

            using var document = JsonDocument.Parse(body);
            var data = document.RootElement.EnumerateObject().First().Value.GetProperty("data").GetString() ?? "";
            return data.AsSpan().TrimStart().StartsWith("{") ? Encoding.UTF8.GetBytes(data) : Convert.FromBase64String(data);
        }
        catch (Exception problem) when (
            problem is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            // Whatever it is, the reader of instances says what is wrong with it.
            return body;
        }
    }
}
