using System.Globalization;
using Capstan.Parameters;

namespace Capstan.Cluster;

/// <summary>How fast a worker learns by parameter servers, the latest seconds counting most: for people.</summary>
/// <param name="steps">Of the whole training, at most.</param>
/// <param name="told">Gets it in words, once a second or so.</param>
sealed class StepPace(long steps, TimeProvider clock, Action<string> told) : IProgress<WorkerStep>
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    const double LongestSeconds = 100 * 365.0 * 86_400;

    // What a window more counts against those before it.
    const double Weight = 0.3;

    long _began = clock.GetTimestamp();
    long _firstStep = -1;
    long _rows;
    TimeSpan _waited;
    double? _rowsPerSecond;
    double _stepsPerSecond;
    double _waiting;

    public void Report(WorkerStep value)
    {
        (_firstStep, _rows, _waited) = (_firstStep < 0 ? value.Step : _firstStep, _rows + value.Rows, _waited + value.Waited);
        var time = clock.GetElapsedTime(_began);
        if (time < Window)
        {
            return;
        }

        var weight = _rowsPerSecond is null ? 1 : Weight;
        _rowsPerSecond = Mixed(_rowsPerSecond ?? 0, _rows / time.TotalSeconds);
        // After a shard was lost, steps are counted from an earlier one.
        _stepsPerSecond = Mixed(_stepsPerSecond, Math.Max(0, value.Step + 1 - _firstStep) / time.TotalSeconds);
        _waiting = Mixed(_waiting, _waited / time);
        told(Text(value.Step + 1));
        (_began, _firstStep, _rows, _waited) = (clock.GetTimestamp(), value.Step + 1, 0, TimeSpan.Zero);

        double Mixed(double before, double now) => (1 - weight) * before + weight * now;
    }

    string Text(long step)
    {
        var left = TimeSpan.FromSeconds(step >= steps ? 0 : Math.Round(Math.Min(LongestSeconds, (steps - step) / _stepsPerSecond)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"batch {step:N0} of {steps:N0}, {_rowsPerSecond:N0} rows/s, {100 * Math.Min(1, _waiting):0} % waiting for work, {left:c} left at most");
    }
}
