namespace Capstan.Training;

/// <summary>A classifier of several classes seen as one that tells a single class from all others.</summary>
public static class OneAgainstRest
{
    // Beyond it a probability is 0 or 1 in single precision, and log-odds stay finite.
    const double MostLogOdds = 104;

    /// <summary>The log-odds of one class: <c>score − log Σ e^(the other scores)</c>.</summary>
    /// <param name="scores">[rows × classes] as a predictor gives them: e^score is proportional to the probability.</param>
    /// <param name="classes">How many there are, 2 or more.</param>
    /// <param name="classIndex">Which one.</param>
    /// <returns>[rows]</returns>
    public static float[] LogOdds(ReadOnlySpan<float> scores, int classes, int classIndex)
    {
        var logOdds = new float[scores.Length / classes];
        for (var row = 0; row < logOdds.Length; row++)
        {
            var own = scores.Slice(row * classes, classes);
            var highest = double.NegativeInfinity;
            for (var other = 0; other < classes; other++)
            {
                highest = other == classIndex ? highest : Math.Max(highest, own[other]);
            }

            var sum = 0.0;
            for (var other = 0; other < classes; other++)
            {
                sum += other == classIndex ? 0 : Math.Exp(own[other] - highest);
            }

            logOdds[row] = (float)Math.Clamp(own[classIndex] - highest - Math.Log(sum), -MostLogOdds, MostLogOdds);
        }

        return logOdds;
    }

    /// <summary>1 for rows of the class, 0 for all others.</summary>
    /// <param name="labels">[rows] numbers of classes.</param>
    public static float[] Labels(ReadOnlySpan<float> labels, int classIndex)
    {
        var found = new float[labels.Length];
        for (var row = 0; row < found.Length; row++)
        {
            found[row] = labels[row] == classIndex ? 1 : 0;
        }

        return found;
    }
}
