using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// How a node that needs a pass becomes constant: what the pass must find out for it, and what is concluded from that.
/// </summary>
abstract class Fitting(Analyzer analyzer)
{
    public Analyzer Analyzer { get; } = analyzer;

    /// <param name="node">One for which <see cref="ExprChildren.NeedsPass"/> holds, over operands that need no pass.</param>
    public static Fitting Of(Expr node) => node switch
    {
        StatisticExpr statistic => StatisticFitting.Of(statistic),
        BucketizeExpr { Boundaries: QuantileBoundaries boundaries } bucketize => new Fitting<QuantileSketch>(
            new QuantilesAnalyzer(bucketize.Operand),
            quantiles => bucketize with { Boundaries = new FixedBoundaries([.. quantiles.Boundaries(boundaries.Buckets)]) }),
        VocabularyExpr { Terms: LearnedTerms terms } vocabulary => VocabularyFitting.Of(vocabulary, terms),
        TermVectorExpr { Terms: LearnedVectorTerms terms } vector => TermVectorFitting.Of(vector, terms),
        FittedExpr fitted => fitted.Function.FittingOf(fitted),
        _ => throw new UnreachableException($"'{node}' needs no pass."),
    };

    /// <summary>Whether a kept state says enough; one of which only a part is kept may not.</summary>
    public abstract bool IsEnough(PassState state);

    /// <summary>The node's constant form.</summary>
    /// <param name="state">Of <see cref="Analyzer"/>, of all rows.</param>
    public abstract Expr Conclude(PassState state);

    /// <summary>The form for the very rows that the state is of; the same for all but functions of the label.</summary>
    public abstract Expr ConcludeOutOfFold(PassState state);
}

/// <param name="conclusion">The constant form that a state gives.</param>
/// <param name="outOfFold">
/// The form for the state's own rows, over the rows of a <see cref="FoldedSource"/>; null for the same.
/// </param>
/// <param name="isEnough">Whether a kept state says enough; every one does where it is null.</param>
sealed class Fitting<TState>(
    Analyzer<TState> analyzer, Func<TState, Expr> conclusion, Func<TState, Expr>? outOfFold = null, Func<TState,
    bool>? isEnough = null)
    : Fitting(analyzer)
    where TState : class, IMergeable<TState>, IStoredState<TState>
{
    public override bool IsEnough(PassState state) => isEnough?.Invoke(((PassState<TState>)state).State) ?? true;

    public override Expr Conclude(PassState state) => conclusion(((PassState<TState>)state).State);

    public override Expr ConcludeOutOfFold(PassState state) => (outOfFold ?? conclusion)(((PassState<TState>)state).State);
}
