namespace Capstan.Models.Tests.Predictors;

public sealed class ModelOutputTests
{
    [Fact]
    public void A_value_is_its_score()
    {
        Assert.Equal([3f, -2f], Predictions(ModelOutput.Value, 3f, -2f));
        Assert.Equal([(float)Math.E, 1f], Predictions(ModelOutput.LogOfValue, 1f, 0f));
    }

    [Fact]
    public void Log_odds_become_the_positive_classs_probability() =>
        Assert.Equal([0.5f, 1f, 0f], Predictions(ModelOutput.LogOdds, 0f, 200f, -200f));

    [Fact]
    public void Scores_become_probabilities_that_add_up_to_one_row_by_row()
    {
        var found = Predictions(ModelOutput.Classes(3), 0f, 0f, 0f, 1000f, 999f, -1000f);
        Assert.All(found[..3], probability => Assert.Equal(1f / 3, probability));
        Assert.Equal([1 / (1 + Math.Exp(-1)), 1 / (1 + Math.E), 0.0], found[3..].Select(probability => (double)probability), Close);

        static bool Close(double expected, double found) => Math.Abs(expected - found) < 1e-7;
    }

    [Fact]
    public void The_likeliest_class_is_the_positive_one_from_one_half_on_or_the_first_of_the_highest()
    {
        Assert.Equal(1, ModelOutput.LikeliestClass([0.5f]));
        Assert.Equal(0, ModelOutput.LikeliestClass([0.4999f]));
        Assert.Equal(1, ModelOutput.LikeliestClass([0.2f, 0.4f, 0.4f]));
    }

    [Theory]
    [InlineData(Link.Identity, 1, ModelTask.Regression)]
    [InlineData(Link.Log, 1, ModelTask.Regression)]
    [InlineData(Link.Logit, 1, ModelTask.BinaryClassification)]
    [InlineData(Link.Softmax, 7, ModelTask.MulticlassClassification)]
    public void A_link_says_what_is_predicted(Link link, int width, ModelTask task)
    {
        var output = ModelOutput.Of(link, width);
        Assert.Equal((link, width, task), (output.Link, output.Width, output.Task));
    }

    [Theory]
    [InlineData(Link.Identity, 2)]
    [InlineData(Link.Logit, 0)]
    [InlineData(Link.Softmax, 1)]
    [InlineData((Link)9, 1)]
    public void What_no_model_gives_is_refused(Link link, int width) =>
        Assert.Throws<ArgumentException>(() => ModelOutput.Of(link, width));

    static float[] Predictions(ModelOutput output, params float[] scores)
    {
        output.ToPredictions(scores);
        return scores;
    }
}
