using System.Collections.Frozen;

namespace Capstan.Features;

/// <summary>The name and static type of one <see cref="ScalarFunction"/>.</summary>
/// <param name="Name">In the text form of expressions.</param>
/// <param name="Operands">The kind of each operand; where <paramref name="Repeats"/>, the last one stands for one or more.</param>
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
        new(ScalarFunction.Haversine, "haversine", ValueKind.Number, false, ValueKind.Number, ValueKind.Number, ValueKind.Number, ValueKind.Number),
        new(ScalarFunction.Bearing, "bearing", ValueKind.Number, false, ValueKind.Number, ValueKind.Number, ValueKind.Number, ValueKind.Number),
    ];

    static readonly FrozenDictionary<string, FunctionSignature> ByName = All.ToFrozenDictionary(signature => signature.Name);
    static readonly FrozenDictionary<ScalarFunction, FunctionSignature> ByFunction = All.ToFrozenDictionary(signature => signature.Function);

    public static FunctionSignature Of(ScalarFunction function) => ByFunction[function];

    public static FunctionSignature? Find(string name) => ByName.GetValueOrDefault(name);

    public ValueKind KindOf(int operand) => Operands[Math.Min(operand, Operands.Length - 1)];

    /// <summary>What is wrong about a number of operands, as a sentence; null where nothing is.</summary>
    public string? Misfit(int count) => count == Operands.Length || (Repeats && count > Operands.Length) ? null
        : $"{Name} takes {Operands.Length}{(Repeats ? " or more" : "")} argument{(Operands.Length == 1 && !Repeats ? "" : "s")}, found {count}";
}
