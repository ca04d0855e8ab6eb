using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>One measured quality of a model.</summary>
/// <param name="Name">As in files and on the console, such as <c>rmse</c>.</param>
/// <param name="Value">Null where it is not defined: AUC of rows that are all positive, R² of a constant label, anything of no
/// rows.</param>
/// <param name="HigherIsBetter">Which way is better; meaningless for describing ones such as the bias.</param>
/// <param name="Error">How far the value may be from the exact one because rows were too many to keep; 0 where it is
/// exact.</param>
public readonly record struct Metric(string Name, double? Value, bool HigherIsBetter, double Error = 0)
{
    /// <summary>Where the value may really lie; null where that was not asked for or can't be told.</summary>
    public ConfidenceInterval? Interval { get; init; }

    /// <summary>Strictly better; an undefined value is never better, and any defined one is better than it.</summary>
    public bool IsBetterThan(Metric other) =>
        Value is { } mine && (other.Value is not { } theirs || (HigherIsBetter ? mine > theirs : mine < theirs));
}

/// <summary>Rows of similar predicted probability: what was predicted and what happened.</summary>
/// <param name="Weight">The sum of the rows' weights.</param>
/// <param name="MeanProbability">Their mean predicted probability, 0 to 1.</param>
/// <param name="PositiveShare">The share of positives among them, 0 to 1.</param>
public readonly record struct CalibrationBin(double Weight, double MeanProbability, double PositiveShare);

/// <summary>How good a model was on some labelled rows. Prints as a small table.</summary>
public sealed class Evaluation
{
    internal Evaluation(
        ModelTask task, long rowCount, ImmutableArray<Metric> metrics, ImmutableArray<CalibrationBin> calibration) =>
        (Task, RowCount, Metrics, Calibration) = (task, rowCount, metrics, calibration);

    public ModelTask Task { get; }

    public long RowCount { get; }

    /// <summary>In the order in which people read them, the primary one first.</summary>
    public ImmutableArray<Metric> Metrics { get; }

    /// <summary>What models are compared by: <c>auc</c> or, of several classes, <c>accuracy</c> (higher is better); <c>rmse</c> (lower is better).</summary>
    public Metric PrimaryMetric => Metrics[0];

    /// <summary>Classification: up to ten bins of about equal weight, by rising probability; empty for regression.</summary>
    public ImmutableArray<CalibrationBin> Calibration { get; }

    /// <summary>The value of one metric; null where it is not defined.</summary>
    /// <exception cref="ArgumentException">This task has no such metric.</exception>
    public double? this[string name] =>
        Metrics.FirstOrDefault(metric => metric.Name == name) is { Name: not null } found
            ? found.Value
            : throw new ArgumentException(
                $"There is no metric '{name}' here; there are {string.Join(", ", Metrics.Select(metric => metric.Name))}.",
                nameof(name));

    /// <summary>The same with other metrics.</summary>
    internal Evaluation With(ImmutableArray<Metric> metrics) => new(Task, RowCount, metrics, Calibration);

    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder(string.Create(culture, $"{Task.InWords()}, {RowCount:N0} rows"));
        var nameWidth = Metrics.Max(metric => metric.Name.Length);
        var valueWidth = Metrics.Max(metric => Shown(metric.Value).Length);
        foreach (var metric in Metrics)
        {
            text.Append("\n  ").Append(metric.Name.PadRight(nameWidth + 2)).Append(Shown(metric.Value).PadLeft(valueWidth));
            if (metric.Error > 0)
            {
                text.Append(culture, $"  ± {metric.Error:0.#e+0}");
            }

            if (metric.Interval is { } interval)
            {
                text.Append($"  {Shown(interval.Low)} to {Shown(interval.High)}");
            }
        }

        return text.ToString();
    }

    /// <summary>Five significant digits, never more than six decimals.</summary>
    static string Shown(double? value)
    {
        if (value is not { } number)
        {
            return "undefined";
        }

        var magnitude = number == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(number)));
        return number.ToString($"N{Math.Clamp(4 - magnitude, 0, 6)}", CultureInfo.InvariantCulture);
    }
}
