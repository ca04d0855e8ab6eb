using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// A classifier of two classes whose log-odds are mapped to calibrated ones: what is served, evaluated and exported is the calibrated
/// score. Immutable; safe to share between threads.
/// </summary>
public sealed class CalibratedPredictor : IExplainablePredictor
{
    /// <exception cref="ArgumentException">The predictor gives no log-odds, or is calibrated already.</exception>
    public CalibratedPredictor(IPredictor uncalibrated, ScoreCalibration calibration)
    {
        if (uncalibrated.Output != ModelOutput.LogOdds || uncalibrated is CalibratedPredictor)
        {
            throw new ArgumentException(
                $"{uncalibrated.GetType().Name} with the output {uncalibrated.Output} can't be calibrated; log-odds not calibrated yet were expected.",
                nameof(uncalibrated));
        }

        (Uncalibrated, Calibration) = (uncalibrated, calibration);
    }

    public IPredictor Uncalibrated { get; }

    public ScoreCalibration Calibration { get; }

    public ModelOutput Output => Uncalibrated.Output;

    public FeatureLayout Features => Uncalibrated.Features;

    public PredictorWorkspace CreateWorkspace() => Uncalibrated.CreateWorkspace();

    public IAttributor CreateAttributor(ReferenceRows reference) => new RescaledAttributor(
        this,
        Uncalibrated is IExplainablePredictor explainable
            ? explainable.CreateAttributor(reference)
            : new SampledShapley(Uncalibrated, reference));

    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
    {
        Uncalibrated.Predict(features, scores, workspace);
        Calibration.Apply(scores);
    }
}
