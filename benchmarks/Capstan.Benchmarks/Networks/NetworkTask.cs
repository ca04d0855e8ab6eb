using System.Diagnostics;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// 40-64-32-1, ReLU, log loss, Adam 0.001: rows of 40 normal numbers and a label that depends on them, from a fixed seed.
/// </summary>
sealed class NetworkTask
{
    public const int RowCount = 32_768;
    const int FeatureCount = 40;

    static readonly FeatureLayout Layout = new(
        Enumerable.Range(0, FeatureCount).Select(index => FeatureSpec.Numeric($"x{index}")));

    readonly float[] _features = new float[RowCount * FeatureCount];
    readonly float[] _labels = new float[RowCount];
    readonly Dictionary<int, TrainingBatch[]> _batches = [];

    public NetworkTask()
    {
        var random = new SeededRandom(20);
        for (var row = 0; row < RowCount; row++)
        {
            var values = _features.AsSpan(row * FeatureCount, FeatureCount);
            foreach (ref var value in values)
            {
                value = (float)random.NextNormal();
            }

            var odds = 2 * values[0] * values[1] + values[2] - values[3] + 0.5 * random.NextNormal();
            _labels[row] = odds > 0 ? 1 : 0;
        }
    }

    /// <summary>
    /// Two operations per multiply-add of the forward pass, the weights' gradients, and the gradients of hidden units.
    /// </summary>
    public static double OperationsPerRow => 2.0 * (2 * (40 * 64 + 64 * 32 + 32) + 64 * 32 + 32);

    static DnnLearner NewLearner(int threads = 1) =>
        new(new Loss.Logistic(), Layout, new DnnOptions { Threads = threads }, LabelScaling.Identity);

    /// <summary>Rows learned from per second of wall time.</summary>
    public double RowsPerSecond(int batch, int steps, int threads)
    {
        using var learner = NewLearner(threads);
        var batches = BatchesOf(batch);
        learner.Learn(batches[0]);
        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            learner.Learn(batches[step % batches.Length]);
        }

        return (double)batch * steps / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Trains from the start; the data lies in batches already, as the peer's does.</summary>
    /// <returns>CPU seconds of the steps, and the mean loss over all rows afterwards.</returns>
    public (double Cpu, double Loss) Train(int batch, int steps)
    {
        var (learner, batches) = (NewLearner(), BatchesOf(batch));
        var cpu = Environment.CpuUsage.TotalTime;
        for (var step = 0; step < steps; step++)
        {
            learner.Learn(batches[step % batches.Length]);
        }

        var seconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        return (seconds, MeanLoss(learner.Freeze(), batches));
    }

    /// <summary>Writes widths, rows, initial parameters, features row by row, and labels for the peer.</summary>
    public void Save(string path)
    {
        var start = (DnnPredictor)NewLearner().Freeze();
        using var writer = new BinaryWriter(File.Create(path));
        int[] widths = [start.Shape.Inputs(0), .. Enumerable.Range(0, start.Shape.LayerCount).Select(start.Shape.Outputs)];
        writer.Write(widths.Length);
        foreach (var width in widths)
        {
            writer.Write(width);
        }

        writer.Write(RowCount);
        foreach (var value in start.Parameters.Concat(_features).Concat(_labels))
        {
            writer.Write(value);
        }
    }

    TrainingBatch[] BatchesOf(int size)
    {
        if (!_batches.TryGetValue(size, out var batches))
        {
            _batches[size] = batches = [.. Enumerable.Range(0, RowCount / size).Select(index => BatchAt(index * size, size))];
        }

        return batches;
    }

    TrainingBatch BatchAt(int first, int size)
    {
        var batch = new TrainingBatch(Layout);
        batch.Resize(size);
        for (var row = 0; row < size; row++)
        {
            for (var feature = 0; feature < FeatureCount; feature++)
            {
                batch.Features.Numeric(feature)[row] = _features[(first + row) * FeatureCount + feature];
            }
        }

        _labels.AsSpan(first, size).CopyTo(batch.Labels);
        batch.Weights.Fill(1);
        return batch;
    }

    static double MeanLoss(IPredictor model, TrainingBatch[] batches)
    {
        var (workspace, scores, sum) = (model.CreateWorkspace(), new float[batches[0].RowCount], 0.0);
        foreach (var batch in batches)
        {
            model.Predict(batch.Features, scores, workspace);
            for (var row = 0; row < scores.Length; row++)
            {
                sum += Math.Log(1 + Math.Exp(scores[row])) - batch.Labels[row] * scores[row];
            }
        }

        return sum / (batches.Length * scores.Length);
    }
}
