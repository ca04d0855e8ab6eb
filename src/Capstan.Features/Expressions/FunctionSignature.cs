using System.Collections.Frozen;

namespace Capstan.Features;

/// <summary>The name and static type of one <see cref="ScalarFunction"/>.</summary>
/// <param name="Name">In the text form of expressions.</param>
/// <param name="Repeats">Whether the last operand may be given more than once.</param>
/// <param name="Operands">
/// The kind of each operand; where <paramref name="Repeats"/>, the last one stands for one or more.
/// </param>
sealed record FunctionSignature(ScalarFunction Function, string Name, ValueKind Result, bool Repeats, params ValueKind[] Operands)
{
    public static readonly FunctionSignature[] All =
    [
        new(ScalarFunction.Lower, "lower", ValueKind.Text, false, ValueKind.Text),
        new(ScalarFunction.Upper, "upper", ValueKind.Text, false, ValueKind.Text),
        new(ScalarFunction.Trim, "trim", ValueKind.Text, false, ValueKind.Text),
        new(ScalarFunction.Length, "length", ValueKind.Number, false, ValueKind.Text),
        new(ScalarFunction.Substring, "substring", ValueKind.Text, false, ValueKind.Text, ValueKind.Number, ValueKind.Number),
        new(ScalarFunction.Replace, "replace", ValueKind.Text, false, ValueKind.Text, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.Concat, "concat", ValueKind.Text, true, ValueKind.Text),
        new(ScalarFunction.Contains, "contains", ValueKind.Truth, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.StartsWith, "starts_with", ValueKind.Truth, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.EndsWith, "ends_with", ValueKind.Truth, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.SplitPart, "split_part", ValueKind.Text, false, ValueKind.Text, ValueKind.Text, ValueKind.Number),
        new(ScalarFunction.TextOf, "text", ValueKind.Text, false, ValueKind.Number),
        new(ScalarFunction.NumberOf, "number", ValueKind.Number, false, ValueKind.Text),
        new(ScalarFunction.Power, "power", ValueKind.Number, false, ValueKind.Number, ValueKind.Number),
        new(ScalarFunction.Round, "round", ValueKind.Number, false, ValueKind.Number),
        new(ScalarFunction.Sign, "sign", ValueKind.Number, false, ValueKind.Number),
        new(ScalarFunction.ArcTangent, "atan2", ValueKind.Number, false, ValueKind.Number, ValueKind.Number),
        new(ScalarFunction.HyperbolicTangent, "tanh", ValueKind.Number, false, ValueKind.Number),
        new(ScalarFunction.LogTen, "log10", ValueKind.Number, false, ValueKind.Number),
        new(ScalarFunction.SecondsBetween, "seconds_between", ValueKind.Number, false, ValueKind.Time, ValueKind.Time),
        new(ScalarFunction.Haversine, "haversine", ValueKind.Number, false, ValueKind.Number, ValueKind.Number, ValueKind.Number,
            ValueKind.Number),
        new(ScalarFunction.Bearing, "bearing", ValueKind.Number, false, ValueKind.Number, ValueKind.Number, ValueKind.Number,
            ValueKind.Number),
        new(ScalarFunction.RegexMatches, "regex_matches", ValueKind.Truth, false, ValueKind.Text,
            ValueKind.Text) { Check = TextPattern.Misfit },
        new(ScalarFunction.RegexExtract, "regex_extract", ValueKind.Text, false, ValueKind.Text, ValueKind.Text, ValueKind.Number)
        {
            Defaults = [0.0], Check = TextPattern.Misfit,
        },
        new(ScalarFunction.RegexReplace, "regex_replace", ValueKind.Text, false, ValueKind.Text, ValueKind.Text,
            ValueKind.Text) { Check = TextPattern.Misfit },
        new(ScalarFunction.Normalize, "normalize", ValueKind.Text, false, ValueKind.Text, ValueKind.Text)
        {
            Defaults = [new TextExpr("NFC")], Check = TextForms.Misfit,
        },
        new(ScalarFunction.StripAccents, "strip_accents", ValueKind.Text, false, ValueKind.Text),
        new(ScalarFunction.IndexOf, "index_of", ValueKind.Number, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.Occurrences, "occurrences", ValueKind.Number, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.PadLeft, "pad_left", ValueKind.Text, false, ValueKind.Text, ValueKind.Number,
            ValueKind.Text) { Check = PadMisfit },
        new(ScalarFunction.Split, "split", ValueKind.List, false, ValueKind.Text, ValueKind.Text),
        new(ScalarFunction.Words, "words", ValueKind.List, false, ValueKind.Text),
        new(ScalarFunction.Characters, "characters", ValueKind.List, false, ValueKind.Text),
        new(ScalarFunction.NGrams, "ngrams", ValueKind.List, false, ValueKind.List, ValueKind.Number, ValueKind.Number,
            ValueKind.Text)
        {
            Defaults = [new TextExpr(" ")], Check = NGramMisfit,
        },
        new(ScalarFunction.Distinct, "distinct", ValueKind.List, false, ValueKind.List),
        new(ScalarFunction.Count, "count", ValueKind.Number, false, ValueKind.List),
        new(ScalarFunction.Item, "item", ValueKind.Text, false, ValueKind.List, ValueKind.Number),
        new(ScalarFunction.Join, "join", ValueKind.Text, false, ValueKind.List, ValueKind.Text),
        new(ScalarFunction.Includes, "includes", ValueKind.Truth, false, ValueKind.List, ValueKind.Text),
    ];

    static readonly FrozenDictionary<string, FunctionSignature> ByName = All.ToFrozenDictionary(signature => signature.Name);
    static readonly FrozenDictionary<ScalarFunction,
    FunctionSignature> ByFunction = All.ToFrozenDictionary(signature => signature.Function);

    public static FunctionSignature Of(ScalarFunction function) => ByFunction[function];

    public static FunctionSignature? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What the last operands are where the text form leaves them out.</summary>
    public Expr[] Defaults { get; init; } = [];

    /// <summary>What is wrong about a call whose operands have the right kinds, as a sentence; null where nothing is.</summary>
    public Func<CallExpr, string?>? Check { get; init; }

    /// <summary>The operands as written, and the defaults of those left out.</summary>
    public IEnumerable<Expr> Complete(IReadOnlyCollection<Expr> written)
    {
        var absent = Operands.Length - written.Count;
        return absent > 0 && absent <= Defaults.Length ? [.. written, .. Defaults.TakeLast(absent)] : written;
    }

    public ValueKind KindOf(int operand) => Operands[Math.Min(operand, Operands.Length - 1)];

    /// <summary>What is wrong about a number of operands, as a sentence; null where nothing is.</summary>
    public string? Misfit(int count) => count == Operands.Length || (Repeats && count > Operands.Length) ? null
        : $"{Name} takes {Operands.Length}{(Repeats ? " or more" : Defaults.Length > 0 ? $" (or {Operands.Length - Defaults.Length})" : "")} argument{(Operands.Length == 1 && !Repeats ? "" : "s")}, found {count}";

    static string? PadMisfit(CallExpr call) => call.Operands[2] is TextExpr { Value: var fill } &&
        fill.EnumerateRunes().Count() == 1
        ? null
        : $"the fill of pad_left is one quoted character, found {call.Operands[2]}.";

    static string? NGramMisfit(CallExpr call) =>
        call.Operands[1] is NumberExpr { Value: >= 1 and var min } &&
            call.Operands[2] is NumberExpr { Value: <= ListLimits.LongestNGram and var max }
        && min <= max && Math.Floor(min) == min && Math.Floor(max) == max && call.Operands[3] is TextExpr
            ? null
            : $"ngrams takes two whole numbers from 1 to {ListLimits.LongestNGram}, the smaller first, and a quoted separator, " +
                $"found {call.Operands[1]}, {call.Operands[2]}, {call.Operands[3]}.";
}
