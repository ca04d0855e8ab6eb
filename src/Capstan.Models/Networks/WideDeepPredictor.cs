using Capstan.Features;

namespace Capstan.Models;

/// <summary>A linear model and a network over the same features, trained jointly: the score is the sum of both.</summary>
/// <remarks>Source: H.-T. Cheng et al., "Wide &amp; deep learning for recommender systems", DLRS 2016, eq. 3.</remarks>
public sealed class WideDeepPredictor : IExplainablePredictor
{
    /// <exception cref="ArgumentException">The parts give other outputs, or expect other features.</exception>
    public WideDeepPredictor(LinearPredictor wide, DnnPredictor deep)
    {
        if (wide.Output != deep.Output || !wide.Features.Equals(deep.Features))
        {
            throw new ArgumentException(
                $"The wide part gives {wide.Output} and the deep part {deep.Output}; both must give the same of the same features.",
                nameof(deep));
        }

        (Wide, Deep) = (wide, deep);
    }

    public LinearPredictor Wide { get; }

    public DnnPredictor Deep { get; }

    public ModelOutput Output => Deep.Output;

    public FeatureLayout Features => Deep.Features;

    public PredictorWorkspace CreateWorkspace() => new Workspace(Deep.CreateWorkspace());

    /// <summary>Attributions are the sums of both parts'.</summary>
    public IAttributor CreateAttributor(ReferenceRows reference) =>
        new SumAttributor(Wide.CreateAttributor(reference), Deep.CreateAttributor(reference));

    /// <inheritdoc/>
    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        if (workspace is not Workspace own)
        {
            throw new ArgumentException(
                "The workspace is another predictor's; take one from this predictor's CreateWorkspace.", nameof(workspace));
        }

        Deep.Predict(features, scores, own.Deep);
        var wide = own.Scores(scores.Length);
        Wide.Predict(features, wide, PredictorWorkspace.None);
        for (var index = 0; index < scores.Length; index++)
        {
            scores[index] += wide[index];
        }
    }

    sealed class Workspace(PredictorWorkspace deep) : PredictorWorkspace
    {
        float[] _scores = [];

        public PredictorWorkspace Deep { get; } = deep;

        public Span<float> Scores(int count)
        {
            if (_scores.Length < count)
            {
                _scores = new float[count];
            }

            return _scores.AsSpan(0, count);
        }
    }
}
