using Capstan.Models;

namespace Capstan.Training.Tests.Evaluation;

public sealed class OneAgainstRestTests
{
    [Fact]
    public void Log_odds_are_those_of_the_softmax_probability_and_stay_finite()
    {
        float[] scores = [1, 2, -0.5f, 30, -40, 500, 0, 0, 0];
        for (var index = 0; index < 3; index++)
        {
            var found = OneAgainstRest.LogOdds(scores, 3, index);
            var probabilities = (float[])scores.Clone();
            ModelOutput.Classes(3).ToPredictions(probabilities);
            for (var row = 0; row < 3; row++)
            {
                Assert.True(float.IsFinite(found[row]));
                Assert.Equal(probabilities[row * 3 + index], ModelOutput.Probability(found[row]), 1e-6);
            }
        }

        Assert.Equal((float)Math.Log(0.5), OneAgainstRest.LogOdds(scores, 3, 2)[2], 1e-6);
    }

    [Fact]
    public void Labels_of_the_class_are_1() => Assert.Equal((float[])[0, 1, 0, 1], OneAgainstRest.Labels([0, 2, 1, 2], 2));
}
