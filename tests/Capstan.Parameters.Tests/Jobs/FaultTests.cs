using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>Members die, and the model does not notice. Every process is real, and is killed.</summary>
public sealed class FaultTests
{
    static TrainingJob Job(string? checkpoints = null) => new TrainingJob(
        $"job-{Guid.NewGuid():N}", new Loss.Logistic(), ExampleRows.Layout,
        new LearnerDefinition.Network(
            new DnnOptions { HiddenUnits = [32, 16], Wide = new WideOptions { Categories = ["a"] } }, LabelScaling.Identity),
        new TrainingOptions { Epochs = 6, BatchSize = 512, Patience = null }, 8_000)
    {
        Shards = 2, CheckpointFolder = checkpoints, CheckpointEvery = 10,
    };

    /// <summary>CAPSTAN_SOAK_JOBS makes it as many jobs, each with its own kills: 25 jobs are about 100 kills.</summary>
    [Fact]
    public void Servers_workers_and_coordinators_that_are_killed_change_no_bit_of_the_model()
    {
        var jobs = int.Parse(Environment.GetEnvironmentVariable("CAPSTAN_SOAK_JOBS") ?? "1");
        var random = new SeededRandom(5);
        for (var number = 0; number < jobs; number++)
        {
            using var members = new MemberProcesses();
            var job = Job(members.Checkpoints) with { Replicas = 1 - number % 2 };
            var (kills, next) = (0, 4_000L);
            var found = members.Run(job, 3, 2, rows =>
            {
                if (rows >= next && rows < 44_000)
                {
                    next = rows + 5_000 + random.NextInt32(6_000);
                    switch ((kills++ + number) % 4)
                    {
                        case 0 or 2:
                            members.KillServer(random);
                            break;
                        case 1:
                            members.KillWorker(random);
                            break;
                        default:
                            members.KillCoordinator();
                            break;
                    }
                }
            });
            Assert.True(kills >= 3, $"{kills} kills in job {number}");
            Assert.Equal(MemberProcesses.Alone(job), found);
        }
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

    static double LossOf(byte[] predictor)
    {
        using var validation = ExampleRows.Make(4_000, 3);
        var read = PredictorCodec.Read(new CborReader(predictor, CborConformanceMode.Canonical), ExampleRows.Layout);
        return MeanLoss.Of(new Loss.Logistic(), read, validation, 1_000, CancellationToken.None);
    }
}
