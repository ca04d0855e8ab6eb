using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving;

/// <summary>
/// Lets who started a replica give it routing tables and ask how it is: <c>PUT /v1beta/table</c>, <c>GET /v1beta/table</c>,
/// <c>GET /v1beta/state</c>, and <c>PUT /v1beta/artifacts/HASH</c> where it takes artifacts. Whoever asks must know the token that the replica was started with. Thread-safe.
/// </summary>
sealed class ReplicaControl(ReplicaModels models, ReplicaArtifacts? artifacts, string token)
{
    public const string Path = "/v1beta/";

    // A table of ten thousand models.
    const int MaxTableBytes = 16 << 20;

    readonly byte[] _expected = Encoding.UTF8.GetBytes($"Bearer {token}");

    public Task HandleAsync(HttpContext context)
    {
        var sent = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(sent, _expected))
        {
            throw new RefusedRequestException(HttpProblems.NotAllowed());
        }

        switch (context.Request.Path.Value)
        {
            case "/v1beta/table" when HttpMethods.IsPut(context.Request.Method):
                return TakeAsync(context);
            case "/v1beta/table":
                Answers.RequireMethod(context, HttpMethods.Get);
                return Answers.WriteAsync(context, models.Current.Table.ToJson());
            case "/v1beta/state":
                Answers.RequireMethod(context, HttpMethods.Get);
                return Answers.WriteAsync(context, State());
            case var path when artifacts is not null && path?.StartsWith(ReplicaArtifacts.Path, StringComparison.Ordinal) == true:
                return artifacts.HandleAsync(context);
            default:
                throw new RefusedRequestException(HttpProblems.UnknownAddress(context.Request.Path));
        }
    }

    async Task TakeAsync(HttpContext context)
    {
        var read = await RequestBody.ReadAsync(context, MaxTableBytes);
        RoutingTable table;
        try
        {
            table = RoutingTable.FromJson(read.Buffer.ToArray());
        }
        catch (UnreadableTableException problem)
        {
            throw new RefusedRequestException(HttpProblems.InvalidTable(problem));
        }
        finally
        {
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        }

        try
        {
            if (!await models.ApplyAsync(table, context.RequestAborted))
            {
                throw new RefusedRequestException(HttpProblems.OldTable(table.Generation, models.Current.Table.Generation));
            }
        }
        catch (VersionNotReadyException problem)
        {
            throw new RefusedRequestException(HttpProblems.NotReady(problem));
        }

        await Answers.WriteAsync(context, State());
    }

    byte[] State()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("generation"u8, models.Current.Table.Generation);
            json.WriteNumber("modelBytes"u8, models.Memory.Bytes);
            json.WriteNumber("unloads"u8, models.Memory.Unloads);
            json.WriteStartArray("versions"u8);
            foreach (var version in models.Current.All.SelectMany(route => route.Versions))
            {
                Write(json, version);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    static void Write(Utf8JsonWriter json, VersionSlot version)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, version.Model);
        json.WriteString("version"u8, version.Version);
        json.WriteBoolean("loaded"u8, version.IsLoaded);
        json.WriteNumber("answered"u8, version.Counts.Answered);
        json.WriteNumber("refused"u8, version.Counts.Refused);
        json.WriteNumber("failed"u8, version.Counts.Failed);
        json.WriteNumber("shed"u8, version.Counts.Shed);
        json.WriteNumber("shadowed"u8, version.Counts.Shadowed);
        json.WriteNumber("shadowFailed"u8, version.Counts.ShadowFailed);
        json.WriteEndObject();
    }
}
