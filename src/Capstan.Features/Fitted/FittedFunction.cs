using System.Collections.Immutable;

namespace Capstan.Features;

/// <summary>
/// A function of <see cref="FittedExpr"/>: its name, operands and options, what a pass over the training rows finds out for it,
/// and the frozen form that follows. A new one is a class in this folder and a line of <see cref="All"/>.
/// </summary>
public abstract class FittedFunction
{
    private protected FittedFunction(string name, ValueKind result, params ReadOnlySpan<FittedOperand> operands)
    {
        (Name, Result, Operands) = (name, result, [.. operands]);
    }

    /// <summary>In the text form of expressions.</summary>
    public string Name { get; }

    public sealed override string ToString() => Name;

    internal static ImmutableArray<FittedFunction> All => Known.Functions;

    internal ValueKind Result { get; }

    /// <summary>Where it <see cref="Repeats"/>, the last one stands for one or more.</summary>
    internal ImmutableArray<FittedOperand> Operands { get; }

    internal virtual bool Repeats => false;

    internal virtual ImmutableArray<FittedOption> Options => [];

    /// <summary>What is analysed and concluded for a well-typed node of this function whose operands are frozen.</summary>
    internal abstract Fitting FittingOf(FittedExpr node);

    /// <summary>
    /// The function that a call means: of those with its name, the one whose named operands are given. Null where there is none,
    /// so that quantile(x, 0.5, weight: w) is one and quantile(x, 0.5) is not.
    /// </summary>
    internal static FittedFunction? Find(string name, IEnumerable<string> given) => All.FirstOrDefault(function =>
        function.Name == name
        && function.Operands.All(operand => !operand.IsNamed || given.Contains(operand.Name, StringComparer.Ordinal)));

    internal FittedOperand OperandAt(int index) => Repeats ? Operands[Math.Min(index, Operands.Length - 1)] : Operands[index];

    /// <summary>
    /// What is wrong about a node's operands or options, as a sentence without its full stop; null where nothing is.
    /// </summary>
    internal string? Misfit(FittedExpr node)
    {
        if (node.Operands.Count < Operands.Length || (!Repeats && node.Operands.Count > Operands.Length))
        {
            return $"{Name} takes {Operands.Length}{(Repeats ? " or more" : "")} argument{(Operands.Length == 1 ? "" : "s")} " +
                $"({string.Join(", ", Operands.Select(operand => operand.Name))}), found {node.Operands.Count}";
        }

        if (node.Options.Count != Options.Length)
        {
            return $"{Name} takes {Options.Length} options, found {node.Options.Count}";
        }

        for (var index = 0; index < Options.Length; index++)
        {
            if (Options[index].Misfit(node.Options[index]) is { } misfit)
            {
                return misfit;
            }
        }

        return FurtherMisfit(node);
    }

    /// <summary>What is wrong about operands and options together.</summary>
    private protected virtual string? FurtherMisfit(FittedExpr node) => null;

    // A class of its own, as the functions' own static fields must be there before this list is.
    static class Known
    {
        public static readonly ImmutableArray<FittedFunction> Functions =
        [
            StatisticByKey.Mean, StatisticByKey.StandardDeviation, StatisticByKey.Minimum, StatisticByKey.Maximum,
            StatisticByKey.Range, CountByKey.Instance, BucketizeByKey.Instance, WeightedQuantile.Instance,
            WeightedBuckets.Instance,
            InformativeTerms.Instance, WeightedTerms.Instance, QuantileTransform.Gaussian, QuantileTransform.Uniform,
            Density.Instance,
            PrincipalComponent.Instance, TargetEncoding.Instance, Total.Sum, Total.Variance, CovarianceOf.Instance,
        ];
    }
}

/// <summary>An operand of a <see cref="FittedFunction"/>.</summary>
/// <param name="isNamed">Written as an option, <c>weight: w</c>, instead of by its place; after all that are not.</param>
sealed class FittedOperand(string name, bool isNamed, params ValueKind[] kinds)
{
    public string Name => name;

    public bool IsNamed => isNamed;

    public ReadOnlySpan<ValueKind> Kinds => kinds;

    public static FittedOperand Number(string name) => new(name, false, ValueKind.Number);

    /// <summary>What rows are grouped by, as for a vocabulary: a text, or a number or truth by its text.</summary>
    public static FittedOperand Key(string name) => new(name, false, ValueKind.Text, ValueKind.Number);

    public static FittedOperand Named(string name, ValueKind kind) => new(name, true, kind);
}

/// <summary>A number that a <see cref="FittedFunction"/> is given by name.</summary>
/// <param name="Usual">What it is where nothing is said; null where it must be said.</param>
sealed record FittedOption(string Name, double? Usual, double Low, double High, bool IsWhole)
{
    public static FittedOption Whole(string name, double? usual, double low, double high) => new(name, usual, low, high, true);

    public static FittedOption Real(string name, double? usual, double low, double high) => new(name, usual, low, high, false);

    /// <summary>What is wrong about a value, as a sentence without its full stop; null where nothing is.</summary>
    public string? Misfit(double value) => value >= Low && value <= High && (!IsWhole || value == Math.Floor(value))
        ? null
        : FormattableString.Invariant($"{Name} is {value}, expected a {(IsWhole ? "whole " : "")}number from {Low} to {High}");
}
