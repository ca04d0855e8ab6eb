using System.Diagnostics;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A linear model's step in synchronous training: every row is learned from by what the rows before it have left, so a batch is one
/// piece of work, learned where its coordinates were pulled to, and those that moved are handed back as they are now.
/// </summary>
sealed class CoordinatePush(LinearReplica replica, ParameterClient client, TableRows needs) : IWorkPush
{
    float[] _states = [];

    public int PartRows => replica.Job.Training.BatchSize;

    // A batch is one part, which never overlaps another in part.
    public void Parts(TrainingBatch batch, long step, int firstPart, int parts, bool isEach)
    {
        var loss = replica.Coordinates.Learn(batch);
        var weight = LinearSums.WeightOf(batch);
        replica.LayOut();
        for (var shard = 0; shard < replica.Slices.Length; shard++)
        {
            var frame = client.PushTo(shard);
            frame.Write(1);
            frame.Write(0);
            frame.Write(1);
            frame.Write(0);
            var start = frame.Length;
            frame.Write(loss);
            frame.Write(weight);
            frame.Write(replica.Slices[shard].Length);
            foreach (var slice in replica.Slices[shard])
            {
                frame.Write(slice.Block);
                Write(frame, slice);
            }

            frame.Patch(start - sizeof(int), frame.Length - start);
        }
    }

    public void Whole(TrainingBatch batch, long step) => throw new UnreachableException();

    void Write(FrameBuffer frame, BlockSlice slice)
    {
        if (replica.Blocks[slice.Block].Kind == BlockKind.Dense)
        {
            frame.Write((int)GradientForm.Sum);
            frame.Write<float>(replica.Dense(replica.SegmentOf(slice)));
            return;
        }

        frame.Write((int)GradientForm.Rows);
        var rows = needs.Within(replica.TableOf(slice.Block), slice);
        KeyMemory.WriteOnce(frame, rows);
        var length = rows.Length * replica.Width;
        if (_states.Length < length)
        {
            _states = new float[2 * length];
        }

        var states = _states.AsSpan(0, length);
        replica.Coordinates.Get(LinearBlocks.FirstPlace(replica.Job, slice.Block) + slice.FirstRow, rows, states, replica.Form);
        frame.Write<float>(states);
    }
}
