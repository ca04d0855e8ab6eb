using System.Buffers;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Gateway.Tests.Canaries;

public sealed class CanaryTrialTests
{
    static readonly ModelArtifact Artifact = ArtifactFolder.Read(GoldenArtifacts.At("artifact-v1-2-linear"));

    static CanaryTrial Trial(double? shift = null, double? skew = null) => new(
        new CanarySettings("v2", MaxPredictionShift: shift, MaxInputSkew: skew), _ => Task.FromResult(Artifact));

    static Task<string?> JudgeAsync(CanaryTrial trial) => trial.JudgeAsync(CancellationToken.None);

    [Fact]
    public async Task Predictions_that_are_distributed_otherwise_end_a_trial()
    {
        var random = new SeededRandom(1);
        var (same, shifted, few) = (Trial(shift: 0.1), Trial(shift: 0.1), Trial(shift: 0.1));
        for (var request = 0; request < 3000; request++)
        {
            var (own, other) = (random.NextNormal(), random.NextNormal());
            same.Add("v1", other, () => null);
            same.Add("v2", own, () => null);
            shifted.Add("v1", other, () => null);
            shifted.Add("v2", own + 1, () => null);
            few.Add("v1", other, () => null);
            few.Add("v2", request < 199 ? own + 1 : null, () => null);
        }

        Assert.Null(await JudgeAsync(same));
        Assert.Null(await JudgeAsync(few));
        Assert.Contains("Kolmogorov–Smirnov", await JudgeAsync(shifted));
    }

    [Fact]
    public void The_shift_is_the_greatest_difference_of_the_cumulative_shares()
    {
        // By hand: after 1 of {1, 2, 3, 4} a quarter against none, after 2 a half against none, after 3 three quarters against one half.
        Assert.Equal(0.5, PredictionShift.Between([1, 2, 3, 4], [3, 5]).Value);
        Assert.Equal(0, PredictionShift.Between([7, 7, 7], [7]).Value);
        Assert.Equal(1, PredictionShift.Between([1], [2]).Value);
    }

    [Fact]
    public async Task What_was_in_the_training_data_is_no_skew_and_one_row_again_and_again_is()
    {
        var golden = Artifact.Golden.Rows;
        var (alike, constant, unasked) = (Trial(skew: 0.9), Trial(skew: 0.05), Trial());
        for (var request = 0; request < 400; request++)
        {
            var (own, first) = (BodyOf(golden, request % golden.RowCount), BodyOf(golden, 0));
            alike.Add("v2", null, () => own);
            alike.Add("v1", null, () => throw new InvalidOperationException("What others are asked is not kept."));
            constant.Add("v2", null, () => first);
            unasked.Add("v2", null, () => throw new InvalidOperationException("Nobody asked for it."));
        }

        Assert.Null(await JudgeAsync(alike));
        Assert.Null(await JudgeAsync(unasked));
        Assert.Contains("column '", await JudgeAsync(constant));
    }

    [Fact]
    public async Task Bodies_that_the_model_would_refuse_tell_nothing()
    {
        var trial = Trial(skew: 0.01);
        for (var request = 0; request < 400; request++)
        {
            trial.Add("v2", null, () => request % 2 == 0 ? "{"u8.ToArray() : """{"inputs":[]}"""u8.ToArray());
        }

        Assert.Null(await JudgeAsync(trial));
    }

    static byte[] BodyOf(ColumnBatch rows, int row)
    {
        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(rows, row, 1, body);
        return body.WrittenSpan.ToArray();
    }
}
