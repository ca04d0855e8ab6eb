using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The normal forms by name, one definition for the engine and the reference.</summary>
static class TextForms
{
    /// <summary>The form that a well-typed call asks for.</summary>
    public static TextForm Of(CallExpr call) => call.Function == ScalarFunction.StripAccents
        ? TextForm.WithoutMarks
        : Find(call.Operands[1])!.Value; // checked by the typing

    public static string? Misfit(CallExpr call) => Find(call.Operands[1]) is null
        ? $"the form is 'NFC' or 'NFKC', found {call.Operands[1]}." : null;

    public static string? Apply(string text, TextForm form)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var normal = utf8.Length <= TextLimits.LargestMade ? new Utf8Normalizer().Normalize(utf8, form) : [];
        return utf8.Length <= TextLimits.LargestMade && normal.Length <= TextLimits.LargestMade ? Encoding.UTF8.GetString(normal)
            : null;
    }

    static TextForm? Find(Expr form) => form switch
    {
        TextExpr { Value: "NFC" } => TextForm.Canonical,
        TextExpr { Value: "NFKC" } => TextForm.Compatible,
        _ => null,
    };
}
