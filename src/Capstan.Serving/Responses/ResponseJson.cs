using System.Text.Encodings.Web;
using System.Text.Json;

namespace Capstan.Serving;

/// <summary>
/// How answers are written: compact, and readable to people (<c>ü</c> and <c>'</c> as they are; nothing of ours is put into
/// HTML).
/// </summary>
static class ResponseJson
{
    public static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };
}
