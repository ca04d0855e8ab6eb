using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan;

/// <summary>An earlier model as the place where learning begins, on other rows and with features that may have changed.</summary>
/// <remarks>What is carried over, and how, is described in <see cref="FeatureMatching"/> and docs/decisions/0210.</remarks>
sealed class WarmStart
{
    readonly TrainedModel _earlier;

    /// <exception cref="PipelineException">The earlier model is of another family, or predicts something else.</exception>
    public WarmStart(TrainedModel earlier, Pipeline pipeline)
    {
        _earlier = earlier;
        var was = Pipeline.Parse(earlier.Artifact.Lineage.Pipeline.GetRawText());
        if (was.Estimator.Kind != pipeline.Estimator.Kind)
        {
            throw Refuse($"is a {was.Estimator.Kind}, and this pipeline trains a {pipeline.Estimator.Kind}; name a model of the same family");
        }

        if (!ExprParser.Parse(was.Label).Equals(ExprParser.Parse(pipeline.Label)))
        {
            throw Refuse($"predicts {was.Label}, and this pipeline {pipeline.Label}; name a model of the same label");
        }
    }

    /// <summary>The earlier predictor without its calibration, which is made anew of the rows held out this time.</summary>
    IPredictor Learned => _earlier.Artifact.Predictor is CalibratedPredictor calibrated ? calibrated.Uncalibrated : _earlier.Artifact.Predictor;

    public ContentHash Hash => _earlier.Hash;

    /// <summary>The earlier network, or the deep part of one; null of other models.</summary>
    public DnnPredictor? Network => Learned switch
    {
        DnnPredictor network => network,
        WideDeepPredictor both => both.Deep,
        _ => null,
    };

    /// <summary>The earlier model's label: its classes keep their numbers, also where the new rows lack some of them.</summary>
    /// <param name="found">The label as the new rows show it.</param>
    /// <exception cref="PipelineException">The new rows have a class that the earlier model does not know.</exception>
    public LabelDefinition LabelFor(LabelDefinition found)
    {
        var label = _earlier.Artifact.Label;
        return found.Classes?.Names.FirstOrDefault(name => !label.Classes!.Names.Contains(name, StringComparer.Ordinal)) is { } unknown
            ? throw Refuse($"knows the classes {label.Classes}, and the new rows have the class '{unknown}'; train without it")
            : label;
    }

    /// <summary>Puts a learner where the earlier model was.</summary>
    /// <returns>What was carried over and what is new, for people.</returns>
    /// <exception cref="PipelineException">The learner can't begin at an earlier model, or what it predicts by is
    /// another.</exception>
    public string Begin(ILearner learner, FrozenTransform transform)
    {
        if (learner is BaselineLearner)
        {
            return $"a baseline is what the new rows say: nothing of model '{_earlier.Name}' is carried over";
        }

        if (learner is not IWarmStartLearner begins)
        {
            throw Refuse("is of a family that can't go on from an earlier model; train without it");
        }

        CheckOutput(learner.Loss.Output);
        var matching = new FeatureMatching(_earlier.Artifact.Transform, transform);
        begins.StartAt(Carried(matching, learner.Freeze()));
        var layers = Network is { } network && learner.Freeze() is var now
            && !NetworkStart.KeepsLayers(network.Shape, (now as DnnPredictor ?? ((WideDeepPredictor)now).Deep).Shape)
            ? "; layers are new, since hidden units or their activation differ"
            : "";
        return $"learning begins at model '{_earlier.Name}' ({Hash.Short}): {matching}{layers}";
    }

    /// <summary>The earlier model's trees over the new features, for others to follow them.</summary>
    /// <returns>The trees, and what was carried over and what is new, for people.</returns>
    /// <exception cref="PipelineException">The trees ask for features that there are no more, or predict something else.</exception>
    public (TreeEnsemble Trees, string Carried) Trees(ModelOutput output, FrozenTransform transform)
    {
        CheckOutput(output);
        var matching = new FeatureMatching(_earlier.Artifact.Transform, transform);
        try
        {
            // The constructor has checked the family.
            var trees = TreesStart.Carry((BoostedTreesPredictor)Learned, matching, ImputedNumbers.Of(transform));
            return (trees, $"{trees.TreeCount:N0} trees of model '{_earlier.Name}' ({Hash.Short}) are kept, others follow them: {matching}");
        }
        catch (ArgumentException problem)
        {
            throw Refuse($"can't be gone on from: {problem.Message}");
        }
    }

    void CheckOutput(ModelOutput output)
    {
        if (Learned.Output != output)
        {
            throw Refuse($"has scores of the link {Learned.Output.Link}, and this pipeline's loss has " +
                $"{output.Link}; choose a loss of the same kind");
        }
    }

    IPredictor Carried(FeatureMatching matching, IPredictor drawn) => (Learned, drawn) switch
    {
        (LinearPredictor linear, _) => LinearStart.Carry(linear, matching),
        // An offset that has come or gone makes a network one with a linear part, or without.
        (var earlier, WideDeepPredictor own) => new WideDeepPredictor(
            earlier is WideDeepPredictor both ? LinearStart.Carry(both.Wide, matching) : own.Wide,
            NetworkStart.Carry(Network!, matching, own.Deep)),
        (_, DnnPredictor own) => NetworkStart.Carry(Network!, matching, own),
        var (earlier, _) => throw Refuse($"is stored as a {earlier.GetType().Name}, and can't be gone on from"),
    };

    PipelineException Refuse(string what) => new([$"from: the model '{_earlier.Name}' ({Hash.Short}) {what}"]);
}
