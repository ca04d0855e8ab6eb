using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Members die, and the model does not notice. Every process is real, and is killed.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    static TrainingJob Job(string? checkpoints = null) => new TrainingJob(
        $"job-{Guid.NewGuid():N}", new Loss.Logistic(), ExampleRows.Layout,
        new LearnerDefinition.Network(
            new DnnOptions { HiddenUnits = [32, 16], Wide = new WideOptions { Categories = ["a"] } }, LabelScaling.Identity),
        new TrainingOptions { Epochs = 6, BatchSize = 512, Patience = null }, 8_000)
    {
        Shards = 2, CheckpointFolder = checkpoints, CheckpointEvery = 10,
    };

    [Fact]
    public void Of_a_damaged_checkpoint_training_goes_on_from_the_one_before()
    {
        using var members = new MemberProcesses();
        var job = Job(members.Checkpoints);
        var (random, isDone) = (new SeededRandom(6), false);
        var found = members.Run(job, 2, 2, rows =>
        {
            if (rows >= 20_000 && !isDone)
            {
                isDone = true;
                var latest = Directory.GetFiles(members.Checkpoints, "*.1-of-2.state").Order().Last();
                using (var file = File.OpenWrite(latest))
                {
                    file.Position = file.Length / 2;
                    file.Write("damaged"u8);
                }

                members.KillServer(random);
            }
        });
        Assert.True(isDone);
        Assert.Contains(members.Notices, notice => notice.Contains("can't be read and was set aside"));
        Assert.Contains(members.Notices, notice => notice.Contains("goes on from the checkpoint"));
        Assert.Equal(MemberProcesses.Alone(job), found);
    }

    [Fact]
    public void A_disk_that_is_full_at_a_checkpoint_is_said_and_the_job_goes_on()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to make a disk of 64 KiB");
        using var members = new MemberProcesses();
        using var disk = new SmallDisk(members.Checkpoints, "64k");
        var job = Job(members.Checkpoints) with { Replicas = 1 };
        var found = members.Run(job, 2, 2, _ => { });
        Assert.Contains(members.Notices, notice => notice.Contains("could not be written") && notice.Contains("No space left on device") && notice.Contains("training goes on"));
        Assert.Equal(MemberProcesses.Alone(job), found);
    }

    /// <summary>
    /// In every other stretch of steps one of three workers gets a tenth of the time. How long those took, of what the others took, is told; it is
    /// held to 1.2 where the machine is said to be quiet, by CAPSTAN_SOAK_KILLS.
    /// </summary>
    [Fact]
    public void A_worker_that_is_ten_times_slower_holds_no_step_up()
    {
        var isQuiet = Environment.GetEnvironmentVariable("CAPSTAN_SOAK_KILLS") is not null;
        var stretch = isQuiet ? 64_000 : 16_000;
        using var members = new MemberProcesses();
        var job = Job() with { BackupWorkers = 1, Training = new TrainingOptions { Epochs = isQuiet ? 80 : 14, BatchSize = 1_000, Patience = null } };
        var times = (Quick: new List<double>(), Slow: new List<double>());
        var (began, from) = (0L, 0L);
        SlowProcess? slow = null;
        var found = members.Run(job, 2, 3, rows =>
        {
            if (from == 0)
            {
                (from, began) = (rows, Stopwatch.GetTimestamp());
            }
            else if (rows >= from + stretch)
            {
                var perRow = Stopwatch.GetElapsedTime(began).TotalSeconds / (rows - from);
                (slow is null ? times.Quick : times.Slow).Add(perRow);
                slow?.Dispose();
                slow = slow is null ? members.SlowWorker() : null;
                (from, began) = (rows, Stopwatch.GetTimestamp());
            }
        });
        slow?.Dispose();
        var ratio = times.Slow.Order().ElementAt(times.Slow.Count / 2) / times.Quick.Order().ElementAt(times.Quick.Count / 2);
        output.WriteLine($"A step with a worker ten times slower takes {ratio:0.00} of one without ({times.Slow.Count} and {times.Quick.Count} stretches).");
        Assert.Equal(MemberProcesses.Alone(job), found);
        Assert.True(ratio <= 1.2 || !isQuiet, $"{ratio:0.00} times");
    }

    [Fact]
    public void A_server_and_a_worker_that_were_paused_come_back_to_no_effect()
    {
        using var members = new MemberProcesses();
        var job = Job() with { Replicas = 1 };
        var (random, pauses) = (new SeededRandom(7), 0);
        var found = members.Run(job, 3, 2, rows =>
        {
            if (rows >= 8_000 && pauses == 0)
            {
                pauses++;
                members.PauseServer(random);
                members.PauseWorker(random);
            }
            else if (rows >= 32_000)
            {
                members.ContinueAll();
            }
        });
        Assert.Equal(1, pauses);
        Assert.Equal(MemberProcesses.Alone(job), found);
    }

    [Fact]
    public void Asynchronous_training_comes_as_close_with_members_killed()
    {
        using var members = new MemberProcesses();
        var job = Job() with { Consistency = Consistency.Asynchronous, Replicas = 1, Learner = new LearnerDefinition.Network(new DnnOptions { HiddenUnits = [16], LearningRate = 0.005 }, LabelScaling.Identity) };
        var (random, kills) = (new SeededRandom(8), 0);
        var found = members.Run(job, 3, 2, rows =>
        {
            if (rows >= 10_000 * (kills + 1) && kills < 3)
            {
                if (kills++ == 1)
                {
                    members.KillWorker(random);
                }
                else
                {
                    members.KillServer(random);
                }
            }
        });
        Assert.Equal(3, kills);
        var alone = LossOf(MemberProcesses.Alone(job));
        Assert.InRange(LossOf(found), alone * 0.98, alone * 1.02);
    }

    [Fact]
    public void Without_replicas_a_killed_server_costs_the_steps_since_the_checkpoint_and_no_bit()
    {
        using var members = new MemberProcesses();
        var job = Job(members.Checkpoints);
        var (random, isDone) = (new SeededRandom(6), false);
        var found = members.Run(job, 2, 2, rows =>
        {
            if (rows >= 20_000 && !isDone)
            {
                isDone = true;
                members.KillServer(random);
            }
        });
        Assert.True(isDone);
        Assert.Contains(members.Notices, notice => notice.Contains("goes on from the checkpoint"));
        Assert.Equal(MemberProcesses.Alone(job), found);
    }

    [Fact]
    public void Another_coordinator_takes_over_from_one_that_was_killed()
    {
        using var members = new MemberProcesses();
        var job = Job(members.Checkpoints);
        var kills = 0;
        var found = members.Run(job, 2, 2, rows =>
        {
            if ((kills == 0 && rows >= 10_000) || (kills == 1 && rows >= 30_000))
            {
                kills++;
                members.KillCoordinator();
            }
        });
        Assert.Equal(2, kills);
        Assert.Equal(MemberProcesses.Alone(job), found);
    }

    /// <summary>The mean loss of a stored predictor of the example's rows, on others.</summary>
    internal static double LossOf(byte[] predictor)
    {
        using var validation = ExampleRows.Make(4_000, 3);
        var read = PredictorCodec.Read(new CborReader(predictor, CborConformanceMode.Canonical), ExampleRows.Layout);
        return MeanLoss.Of(new Loss.Logistic(), read, validation, 1_000, CancellationToken.None);
    }
}
