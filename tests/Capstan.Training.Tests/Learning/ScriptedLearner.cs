using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Learning;

/// <summary>
/// A learner that does as it is told: what it loses on each batch, and what the model predicts after each epoch. With labels of
/// 0, the validation loss of an epoch is the square of its prediction.
/// </summary>
sealed class ScriptedLearner(FeatureLayout layout, Func<int, double> loss, params float[] predictions) : IScheduledLearner
{
    int _freezes;

    public Loss Loss { get; } = new Loss.Squared();

    public int BatchesLearned { get; private set; }

    public long? PlannedSteps { get; private set; }

    public Action<int>? BeforeBatch { get; init; }

    public Action? BeforeFreeze { get; init; }

    public void Plan(long totalSteps)
    {
        Assert.Equal(0, BatchesLearned);
        PlannedSteps = totalSteps;
    }

    public double Learn(TrainingBatch batch)
    {
        BeforeBatch?.Invoke(BatchesLearned);
        return loss(BatchesLearned++);
    }

    public IPredictor Freeze()
    {
        BeforeFreeze?.Invoke();
        return new ConstantPredictor(layout, predictions[_freezes++]);
    }
}

/// <summary>Predicts one value for every row; other than a linear predictor, NaN too.</summary>
sealed class ConstantPredictor(FeatureLayout features, float value) : IPredictor
{
    public float Value { get; } = value;

    public ModelOutput Output => ModelOutput.Value;

    public FeatureLayout Features { get; } = features;

    public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

    public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace) => scores.Fill(Value);
}

/// <summary>A clock that moves only when told.</summary>
sealed class ManualClock : TimeProvider
{
    long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Advance(TimeSpan time) => _now += time.Ticks;
}

/// <summary>Keeps reports in the thread that makes them, unlike <see cref="Progress{T}"/>.</summary>
sealed class ReportLog : List<TrainingProgress>, IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => Add(value);
}
