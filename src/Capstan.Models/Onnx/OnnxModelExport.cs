using System.Text.Json;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A whole model as an ONNX graph: raw columns in (as <see cref="OnnxTransform"/> declares them), predictions out. A
/// regression has
/// the output <c>score</c>, the value, and where it has intervals <c>lower</c> and <c>upper</c>; a binary classifier
/// <c>score</c>, the log-odds, and <c>probability</c>, that of the
/// positive class; each float [rows × 1]. A classifier of more classes has <c>scores</c> and <c>probabilities</c>, float
/// [rows × classes] in the order of the model's classes. An underscore stands behind where a raw column has that name.
/// </summary>
/// <remarks>
/// On equal features (see <see cref="OnnxTransform"/>) a linear model's score equals ours to the bit: the same additions in
/// the same
/// order. A network's sums run in another order, so its score differs by rounding; so may the sum of boosted trees, in the
/// last place. A probability goes through another exp.
/// </remarks>
public static class OnnxModelExport
{
    /// <summary>The metadata that says what is predicted: an expression over raw columns.</summary>
    public const string LabelKey = "capstan.label";

    /// <summary>The metadata that names the classes: a JSON array.</summary>
    public const string ClassesKey = "capstan.classes";

    /// <summary>The metadata that says what type the label's column has.</summary>
    public const string ClassTypeKey = "capstan.class_type";

    /// <summary>The model as an <c>.onnx</c> file; one that was imported by itself is the file that it was.</summary>
    /// <exception cref="OnnxNotSupportedException">An expression or the predictor has no equal in ONNX, or the file would pass
    /// 2 GB.</exception>
    public static byte[] Export(ModelArtifact artifact)
    {
        if (artifact.Predictor is IForeignPredictor foreign)
        {
            return artifact.Transform.Features.IsEmpty
                ? foreign.Content.ToArray()
                : throw new OnnxNotSupportedException(
                    "a model imported behind features", "its file and the features' graph would have to be joined; export it where it was trained.");
        }

        var graph = new OnnxGraph();
        var features = OnnxTransform.Append(graph, artifact.Transform);
        var score = Score(graph, artifact.Predictor, features);
        switch (artifact.Predictor.Output.Link)
        {
            case Link.Identity:
                graph.Output("score", score, "the predicted value");
                break;
            case Link.Log:
                graph.Output("score", Exponential(graph, score), "the predicted value");
                break;
            case Link.Logit:
                graph.Output("score", score, "the log-odds of the positive class");
                graph.Output("probability", Probability(graph, score), $"the probability of '{artifact.Label.Classes?.Positive}'");
                break;
            case Link.Softmax:
                graph.Output("scores", score, "e to a score is proportional to the probability of its class");
                graph.Output(
                    "probabilities", graph.Apply("Softmax", OnnxType.Float32, [score], new OnnxNumber("axis", 1)),
                    $"the probabilities of {artifact.Label.Classes}");
                break;
            case var other:
                throw new OnnxNotSupportedException(other.ToString(), "this version has no outputs for this kind of prediction.");
        }

        if (artifact.Intervals is { } intervals)
        {
            var (lower, upper) = OnnxIntervals.Append(
                graph, intervals, artifact.Predictor.Output, artifact.Predictor.Output.Link == Link.Log ? Exponential(graph, score) : score,
                quantile => Score(graph, quantile, features));
            graph.Output("lower", lower, $"the label is from here to upper with a probability of {intervals.Coverage}");
            graph.Output("upper", upper, $"the label is from lower to here with a probability of {intervals.Coverage}");
        }

        graph.Metadata(LabelKey, LabelTextOf(artifact));
        if (artifact.Label.Classes is { } classes)
        {
            graph.Metadata(ClassesKey, $"[{string.Join(',', classes.Names.Select(name => $"\"{JsonEncodedText.Encode(name)}\""))}]");
            graph.Metadata(ClassTypeKey, Schema.NameOf(classes.Type));
        }

        return graph.ToBytes($"Capstan model {artifact.Hash}: predicts {artifact.Label.Expression}");
    }

    // Classes are numbered by an expression that names them all; what a person wrote is shorter, and means the same.
    static string LabelTextOf(ModelArtifact artifact) =>
        artifact.Label.Classes is not null
        && artifact.Lineage.Pipeline.ValueKind == JsonValueKind.Object
        && artifact.Lineage.Pipeline.TryGetProperty("label", out var label) && label.GetString() is { } text
            ? text
            : artifact.Label.Expression.ToString();

    static OnnxValue Score(OnnxGraph graph, IPredictor predictor, OnnxFeatures features) => predictor switch
    {
        LinearPredictor linear => OnnxLinear.Append(graph, linear, features),
        DnnPredictor network => OnnxNetwork.Append(graph, network, features),
        WideDeepPredictor both => graph.Arithmetic(
            "Add", OnnxNetwork.Append(graph, both.Deep, features), OnnxLinear.Append(graph, both.Wide, features)),
        BoostedTreesPredictor trees => OnnxTrees.Append(graph, trees, features),
        CalibratedPredictor calibrated => OnnxCalibration.Append(
            graph, calibrated.Calibration, Score(graph, calibrated.Uncalibrated, features)),
        var other => throw new OnnxNotSupportedException(other.GetType().Name, "this version has no operators for this kind of model."),
    };

    /// <summary>e^score, in double precision, rounded once at the end.</summary>
    static OnnxValue Exponential(OnnxGraph graph, OnnxValue score) =>
        graph.Cast(graph.Apply("Exp", OnnxType.Float64, [graph.Cast(score, OnnxType.Float64)]), OnnxType.Float32);

    /// <summary>1 / (1 + e^−score), in double precision, rounded once at the end.</summary>
    static OnnxValue Probability(OnnxGraph graph, OnnxValue score)
    {
        var one = graph.Constant(1.0);
        var negative = graph.Apply("Neg", OnnxType.Float64, [graph.Cast(score, OnnxType.Float64)]);
        var odds = graph.Arithmetic("Add", one, graph.Apply("Exp", OnnxType.Float64, [negative]));
        return graph.Cast(graph.Arithmetic("Div", one, odds), OnnxType.Float32);
    }
}
