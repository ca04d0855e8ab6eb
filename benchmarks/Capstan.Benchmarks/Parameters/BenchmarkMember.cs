using Capstan.Data;
using Capstan.Parameters;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>A worker that computes nothing: it pulls and pushes what it is told to.</summary>
sealed class BenchmarkMember : IDisposable
{
    readonly TrainingJob _job;
    readonly Replica _replica;
    readonly ParameterClient _client;
    readonly TableRows _needs;
    readonly TrainingBatch _batch;
    readonly float[] _gradients;
    readonly int[] _keys;

    public BenchmarkMember(TrainingJob job, ServerAddress server)
    {
        _job = job;
        _replica = Replica.Of(job, 1);
        using (var talk = new ServerTalk(server, job.Id, ParameterMember.Options))
        {
            talk.Open(job, 0, 1, null);
            foreach (var slice in _replica.Slices[0])
            {
                if (_replica.Values(slice) is { IsEmpty: false } values)
                {
                    talk.Assign(0, 1, slice.Block, values);
                }
            }

            talk.Configure(0, 1, true, [], new HashSet<ServerAddress>());
            talk.Grant(0, 1, 1_000_000, 0);
        }

        _client = new ParameterClient(job, new ShardMap(1, [new ShardPlacement(server, [])]), _replica, ParameterMember.Options, "benchmark");
        _needs = new TableRows(_replica);
        _batch = new TrainingBatch(job.Features);
        _gradients = new float[1 << 22];
        _gradients.AsSpan().Fill(1e-6f);
        _keys = new int[1 << 17];
    }

    public int DenseBytes => _replica.DenseSegments[0].Sum(segment => segment.Length) * sizeof(float);

    /// <summary>Needs so many rows of every table, at random; in the order in which a worker of the job asks for them.</summary>
    public void Need(int count)
    {
        var random = new SeededRandom(1);
        _batch.Resize(count);
        for (var feature = 0; feature < _job.Features.Categories.Length; feature++)
        {
            var rows = Enumerable.Range(0, _job.Features.Categories[feature].Cardinality).ToArray();
            random.Shuffle<int>(rows);
            rows.AsSpan(0, count).CopyTo(_batch.Features.Category(feature));
        }

        _needs.Set(_batch, 0, count);
        _needs.Within(_replica.Tables[0], _replica.KeyedSlices[0][0]).CopyTo(_keys);
    }

    public void Pull(long version)
    {
        if (!_client.Pull(version, _needs))
        {
            throw new InvalidOperationException("The version to pull is past.");
        }
    }

    /// <summary>One part of the first step.</summary>
    public void PushDense(int part)
    {
        var frame = _client.PushTo(0);
        frame.Write(1);
        frame.Write(part);
        frame.Write(1);
        var length = frame.Length;
        frame.Write(0);
        frame.Write(0.5);
        frame.Write(128.0);
        frame.Write(1);
        frame.Write(ShardState.AllLayers);
        var network = (NetworkReplica)_replica;
        _client.PushLayers(0, network.Dense(network.LayersOf(0))); // any numbers will do
        frame.Patch(length, frame.Length - length - sizeof(int) + _client.LayerBytesToPush(0));
        Require(_client.Push(0));
    }

    /// <summary>A batch of one value for each row needed.</summary>
    public void PushSparse(long step)
    {
        var (frame, table) = (_client.PushTo(0), _replica.Tables[0]);
        frame.Write(0.5);
        frame.Write((double)_batch.RowCount);
        frame.Write(1);
        frame.Write(table.Block);
        frame.Write((int)GradientForm.Rows);
        _client.WritePushedKeys(0, table.Block, _keys.AsSpan(0, _batch.RowCount));
        frame.Write<float>(_gradients.AsSpan(0, _batch.RowCount));
        Require(_client.Push(step));
    }

    /// <summary>One part of the first step: a value for each row needed, with its key, added up.</summary>
    public void PushSparsePart(int part)
    {
        var (frame, table) = (_client.PushTo(0), _replica.Tables[0]);
        frame.Write(1);
        frame.Write(part);
        frame.Write(1);
        var length = frame.Length;
        frame.Write(0);
        frame.Write(0.5);
        frame.Write(128.0);
        frame.Write(1);
        frame.Write(table.Block);
        frame.Write((int)GradientForm.Rows);
        KeyMemory.WriteOnce(frame, _keys.AsSpan(0, _batch.RowCount));
        frame.Write<float>(_gradients.AsSpan(0, _batch.RowCount));
        frame.Patch(length, frame.Length - length - sizeof(int));
        Require(_client.Push(0));
    }

    public void Dispose()
    {
        _client.Dispose();
        _replica.Dispose();
    }

    static void Require(FrameStatus status)
    {
        if (status != FrameStatus.Ok)
        {
            throw new InvalidOperationException($"A push was answered {status}.");
        }
    }
}
