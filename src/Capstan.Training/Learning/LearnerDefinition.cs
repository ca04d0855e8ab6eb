namespace Capstan.Training;

/// <summary>
/// What learns, as the members of a distributed training have to agree on it: each makes a learner of its own from it.
/// </summary>
abstract record LearnerDefinition
{
    private protected LearnerDefinition()
    {
    }

    /// <summary>The share of a step that moves parameters, where all have the same; null where each has its own.</summary>
    public abstract double? LearningRate { get; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public abstract void Validate();

    /// <summary>A <see cref="DnnLearner"/>.</summary>
    public sealed record Network(DnnOptions Options, Models.LabelScaling Scaling) : LearnerDefinition
    {
        public override double? LearningRate => Options.LearningRate;

        public override void Validate() => Options.Validate();
    }

    /// <summary>An <see cref="FtrlLearner"/>, or with several scores a <see cref="SoftmaxFtrlLearner"/>.</summary>
    /// <param name="Center">Of the label as it is learned, see <see cref="LinearTarget"/>; 0 with several scores.</param>
    /// <param name="Scale">As above; 1 with several scores.</param>
    public sealed record Linear(LinearOptions Options, float Center, float Scale) : LearnerDefinition
    {
        public override double? LearningRate => null;

        public override void Validate() => Options.Validate();
    }
}
