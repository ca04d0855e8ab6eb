using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

public sealed class TrainingJobTests
{
    static readonly TrainingJob Job = new(
        "flights-7", new Loss.Quantile(0.9), new FeatureLayout([FeatureSpec.Numeric("distance"), FeatureSpec.Category("carrier", 20)]),
        new LearnerDefinition.Network(
            new DnnOptions { HiddenUnits = [16, 8], LearningRate = 0.1 / 3, Embedded = ["carrier"], Wide = new WideOptions { Categories = ["carrier"] } },
            LabelScaling.Standard(1.0 / 3, 2.5)),
        new TrainingOptions { Epochs = 4, BatchSize = 300, Patience = null }, 12_345)
    {
        Consistency = Consistency.Bounded, MaxDelay = 7, Shards = 3, Replicas = 1, Numbers = WireNumbers.BFloat16, CheckpointFolder = "/tmp/x",
    };

    [Fact]
    public void A_job_comes_out_of_its_text_as_it_went_in()
    {
        var text = TrainingJobText.Of(Job);
        var read = TrainingJobText.Parse(text);
        Assert.Equal(text, TrainingJobText.Of(read));
        Assert.Equal(Job.Loss, read.Loss);
        Assert.Equal(Job.Features, read.Features);
        Assert.Equal(Job.Network.Scaling, read.Network.Scaling);
        Assert.Equal(Job.Network.Options.LearningRate, read.Network.Options.LearningRate);
        Assert.Equal(Job.Network.Options.Wide!.Categories!.Value.ToArray(), read.Network.Options.Wide!.Categories!.Value.ToArray());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1")]
    public void Other_text_is_refused(string text) => Assert.Throws<FormatException>(() => TrainingJobText.Parse(text));

    [Fact]
    public void All_that_is_out_of_range_is_said_at_once()
    {
        Assert.Contains("LeastGradient is 0.1", Assert.Throws<ArgumentException>((Job with
        {
            Consistency = Consistency.Synchronous, Numbers = WireNumbers.Single, LeastGradient = 0.1f,
        }).Validate).Message);
        var wrong = Job with { Id = "a b", Shards = 0, Replicas = 3, Consistency = Consistency.Synchronous };
        var problem = Assert.Throws<ArgumentException>(wrong.Validate);
        Assert.All(["Id is a b", "Shards is 0", "Replicas is 3", "Numbers is BFloat16"], part => Assert.Contains(part, problem.Message));
    }
}
