using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class ThreadsLaws
{
    [Theory]
    [InlineData("logistic", 0.0, false)]
    [InlineData("squared", 0.3, true)]
    [InlineData("softmax(4)", 0.2, true)]
    public void Any_number_of_threads_learns_the_same_bits(string text, double dropout, bool isWide)
    {
        var loss = Sample.Loss(text);
        using var alone = Learner(1);
        using var two = Learner(2);
        using var five = Learner(5);
        var random = new SeededRandom(9);
        for (var step = 0; step < 25; step++)
        {
            var batch = Sample.Batch(Sample.Mixed, 1 + random.NextInt32(1800), loss, random);
            var expected = alone.Learn(batch);
            Assert.Equal(expected, two.Learn(batch));
            Assert.Equal(expected, five.Learn(batch));
        }

        Assert.Equal(Parameters(alone), Parameters(two));
        Assert.Equal(Parameters(alone), Parameters(five));

        DnnLearner Learner(int threads) => new(
            loss, Sample.Mixed,
            new DnnOptions
            {
                HiddenUnits = [9, 8], Dropout = dropout, Threads = threads, MaxGradientNorm = 0.5, L2 = 0.01,
                Wide = isWide ? new WideOptions { Numerics = true } : null,
            },
            loss is Loss.Squared ? new LabelScaling(48, 9) : LabelScaling.Identity);
    }

    [Fact]
    public void Learning_on_threads_allocates_nothing()
    {
        using var learner = new DnnLearner(new Loss.Logistic(), Sample.Mixed, new DnnOptions { Threads = 2 }, LabelScaling.Identity);
        var batch = Sample.Batch(Sample.Mixed, 600, new Loss.Logistic(), new SeededRandom(1));
        learner.Learn(batch);
        Assert.Equal(0, Allocations.Of(() => learner.Learn(batch)));
    }

    [Fact]
    public void A_category_out_of_range_is_refused_from_whatever_thread_met_it()
    {
        using var learner = new DnnLearner(new Loss.Logistic(), Sample.Mixed, new DnnOptions { Threads = 2 }, LabelScaling.Identity);
        var batch = Sample.Batch(Sample.Mixed, 1000, new Loss.Logistic(), new SeededRandom(1));
        batch.Features.Category(0)[900] = 77;
        Assert.Contains("category 77", Assert.Throws<ArgumentException>(() => learner.Learn(batch)).Message);
    }

    static float[] Parameters(DnnLearner learner) => learner.Freeze() switch
    {
        WideDeepPredictor both => [.. both.Deep.Parameters, .. both.Wide.CategoryWeights, .. both.Wide.NumericWeights],
        var deep => [.. ((DnnPredictor)deep).Parameters],
    };
}
