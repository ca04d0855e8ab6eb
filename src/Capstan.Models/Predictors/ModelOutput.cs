namespace Capstan.Models;

/// <summary>
/// How the scores of a row, which a model computes, become its prediction. The numbers are written into artifacts and never reused.
/// </summary>
public enum Link : byte
{
    /// <summary>The score is the predicted value.</summary>
    Identity = 1,

    /// <summary>The score is the log-odds of the positive class.</summary>
    Logit = 2,

    /// <summary>The score is the logarithm of the predicted value, which therefore is above 0.</summary>
    Log = 3,

    /// <summary>There is a score for each class; e^score is proportional to its probability.</summary>
    Softmax = 4,
}

/// <summary>What a model gives for a row: how many scores, and what they mean.</summary>
public readonly record struct ModelOutput
{
    ModelOutput(Link link, int width) => (Link, Width) = (link, width);

    /// <summary>One score: the predicted value.</summary>
    public static ModelOutput Value => new(Link.Identity, 1);

    /// <summary>One score: the logarithm of the predicted value.</summary>
    public static ModelOutput LogOfValue => new(Link.Log, 1);

    /// <summary>One score: the log-odds of the positive one of two classes.</summary>
    public static ModelOutput LogOdds => new(Link.Logit, 1);

    public Link Link { get; }

    /// <summary>Scores per row, and predictions per row: 1, or one for each class.</summary>
    public int Width { get; }

    public ModelTask Task => Link switch
    {
        Link.Logit => ModelTask.BinaryClassification,
        Link.Softmax => ModelTask.MulticlassClassification,
        _ => ModelTask.Regression,
    };

    /// <summary>How many classes are told apart; 0 of a regression. Of two classes there is one score.</summary>
    public int ClassCount => Task switch
    {
        ModelTask.Regression => 0,
        ModelTask.BinaryClassification => 2,
        _ => Width,
    };

    /// <summary>A score for each of some classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two.</exception>
    public static ModelOutput Classes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return new ModelOutput(Link.Softmax, count);
    }

    /// <summary>The output of a stored link.</summary>
    /// <exception cref="ArgumentException">No model has so many scores under this link.</exception>
    public static ModelOutput Of(Link link, int width) => link switch
    {
        Link.Softmax when width >= 2 => new ModelOutput(link, width),
        Link.Identity or Link.Logit or Link.Log when width == 1 => new ModelOutput(link, width),
        _ => throw new ArgumentException($"No model has {width} scores for each row under the link {link}."),
    };

    /// <summary>Turns the scores of some rows into their predictions, in place.</summary>
    /// <param name="scores">
    /// [rows × Width]. They become the value, the probability of the positive class, or the probability of each class, which
    /// add up to 1 but for rounding.
    /// </param>
    public void ToPredictions(Span<float> scores)
    {
        switch (Link)
        {
            case Link.Logit:
                foreach (ref var score in scores)
                {
                    score = Probability(score);
                }

                break;
            case Link.Log:
                foreach (ref var score in scores)
                {
                    score = MathF.Exp(score);
                }

                break;
            case Link.Softmax:
                for (var row = 0; row < scores.Length; row += Width)
                {
                    Softmax(scores.Slice(row, Width));
                }

                break;
        }
    }

    /// <summary>The likeliest class of a row; of equals the first.</summary>
    /// <param name="predictions">Of one row: the positive class's probability, from one half on; or a probability for each.</param>
    public static int LikeliestClass(ReadOnlySpan<float> predictions)
    {
        if (predictions.Length == 1)
        {
            return predictions[0] >= 0.5f ? 1 : 0;
        }

        var best = 0;
        for (var index = 1; index < predictions.Length; index++)
        {
            if (predictions[index] > predictions[best])
            {
                best = index;
            }
        }

        return best;
    }

    /// <summary>1 / (1 + e^−logOdds), from 0 to 1.</summary>
    public static float Probability(float logOdds) => 1f / (1f + MathF.Exp(-logOdds));

    // Never e to a positive power, so nothing overflows.
    static void Softmax(Span<float> scores)
    {
        var highest = scores[0];
        foreach (var score in scores)
        {
            highest = MathF.Max(highest, score);
        }

        var sum = 0f;
        foreach (ref var score in scores)
        {
            score = MathF.Exp(score - highest);
            sum += score;
        }

        foreach (ref var score in scores)
        {
            score /= sum;
        }
    }
}
