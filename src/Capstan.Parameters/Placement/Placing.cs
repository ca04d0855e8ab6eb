using System.Collections.Immutable;
using System.Globalization;

namespace Capstan.Parameters;

/// <summary>
/// One placing of all shards of a job on the servers that answer, under a new epoch. It asks every server what it holds, keeps
/// what is sound, and says to each what it is from now on. A server that is left out is fenced by the epoch.
/// </summary>
sealed class Placing(TrainingJob job, ChannelOptions options, StartValues start, JobCheckpoints? checkpoints, Action<string> notice)
{
    /// <summary>Whether shards were set back: then all have to be, however often it takes.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The epoch that was tried.</summary>
    public int Epoch { get; private set; }

    /// <param name="old">Of epoch 0 without shards, if this coordinator has not placed them yet.</param>
    /// <exception cref="ChannelException">A server could not be reached or did not do as it was told: place again.</exception>
    /// <param name="leaving">A server that is to hold nothing any more.</param>
    /// <param name="floor">The highest epoch tried before.</param>
    /// <param name="mustBegin">Whether an earlier try has set shards back.</param>
    public ShardMap Place(ShardMap old, ImmutableArray<ServerAddress> servers, ServerAddress? leaving, int floor, bool mustBegin)
    {
        var talks = Reach(servers.AddRange(HoldersOf(old)).Distinct());
        try
        {
            var staying = servers.Where(server => talks.ContainsKey(server) && server != leaving).ToImmutableArray();
            if (staying.IsEmpty)
            {
                throw new ChannelException(servers.FirstOrDefault(), "no parameter server answers", null);
            }

            var found = talks.ToDictionary(talk => talk.Key, talk => talk.Value.List());
            var newest = NewestEpoch(found);
            Epoch = 1 + Math.Max(Math.Max(old.Epoch, floor), newest);
            var holders = HoldersFound(old, found, newest);
            HasBegun = mustBegin || holders.Any(list => list.IsEmpty);
            if (HasBegun)
            {
                holders = Begin(old, staying, talks);
            }

            var map = new ShardMap(Epoch, [.. holders.Select((list, shard) => Choose(old, shard, list, staying))]);
            Configure(map, holders, talks);
            CloseOthers(map, found, talks);
            if (old.Shards.Length > 0)
            {
                notice(string.Create(CultureInfo.InvariantCulture, $"the shards were placed anew (epoch {Epoch}): {Describe(map)}"));
            }

            return map;
        }
        finally
        {
            foreach (var talk in talks.Values)
            {
                talk.Dispose();
            }
        }
    }

    Dictionary<ServerAddress, ServerTalk> Reach(IEnumerable<ServerAddress> servers)
    {
        var talks = new Dictionary<ServerAddress, ServerTalk>();
        foreach (var server in servers)
        {
            try
            {
                talks.Add(server, new ServerTalk(server, job.Id, options));
            }
            catch (Exception cause) when (cause is ChannelException or FrameException)
            {
                // It is left out.
            }
        }

        return talks;
    }

    /// <summary>For each shard, who holds it as it should be, the furthest first.</summary>
    ImmutableArray<ServerAddress>[] HoldersFound(
        ShardMap old, Dictionary<ServerAddress, ImmutableArray<(int Shard, ShardStatus Status)>> found, int newest)
    {
        // One that was given up, and came back, is not in the map. A coordinator that has no map yet goes by the epoch: where a
        // placing was interrupted, some holders have an older one, and nobody knows whether they had been given up.
        var oldest = old.Shards.IsEmpty ? newest : old.Epoch;
        var holders = new ImmutableArray<ServerAddress>[job.Shards];
        for (var shard = 0; shard < job.Shards; shard++)
        {
            var placed = shard < old.Shards.Length ? old.Shards[shard] : null;
            holders[shard] =
            [
                .. found
                    .SelectMany(server => server.Value.Select(each => (Server: server.Key, each.Shard, each.Status)))
                    .Where(each => each.Shard == shard && each.Status.Epoch >= oldest)
                    .Where(each => placed is null || placed.Primary == each.Server || placed.Replicas.Contains(each.Server))
                    .OrderByDescending(each => each.Status.Version).ThenByDescending(each => each.Status.IsPrimary)
                    .Select(each => each.Server),
            ];
        }

        return holders;
    }

    /// <summary>Opens all shards, from the last checkpoint that can be read or from the start.</summary>
    ImmutableArray<ServerAddress>[] Begin(ShardMap old, ImmutableArray<ServerAddress> servers, Dictionary<ServerAddress, ServerTalk> talks)
    {
        while (checkpoints?.Latest() is { } version)
        {
            try
            {
                var holders = Open(servers, talks, version);
                notice(string.Create(CultureInfo.InvariantCulture, $"training goes on from the checkpoint after {version:N0} batches"));
                return holders;
            }
            catch (CheckpointUnreadableException damaged)
            {
                // Set aside, all shards of it: they are of no use without each other.
                checkpoints.SetAside(version);
                notice(string.Create(CultureInfo.InvariantCulture,
                    $"the checkpoint after {version:N0} batches can't be read and was set aside ({damaged.Message.TrimEnd('.')})"));
            }
        }

        if (old.Shards.Length > 0)
        {
            notice("a shard is lost and there is no checkpoint: training begins again");
        }

        return Open(servers, talks, null);
    }

    /// <param name="version">Of the checkpoint; null for the start.</param>
    ImmutableArray<ServerAddress>[] Open(ImmutableArray<ServerAddress> servers, Dictionary<ServerAddress, ServerTalk> talks, long? version)
    {
        var holders = new ImmutableArray<ServerAddress>[job.Shards];
        var slices = KeyRanges.Cut(job.Blocks.AsSpan(), job.Shards);
        for (var shard = 0; shard < job.Shards; shard++)
        {
            var server = servers[shard % servers.Length];
            var talk = talks[server];
            talk.Open(job, shard, Epoch, version is { } at ? checkpoints!.PathOf(at, shard) : null); // only checkpoints have versions
            foreach (var slice in version is null ? slices[shard] : [])
            {
                if (start(slice) is { Length: > 0 } values)
                {
                    talk.Assign(shard, Epoch, slice.Block, values);
                }
            }

            holders[shard] = [server];
        }

        return holders;
    }

    ShardPlacement Choose(ShardMap old, int shard, ImmutableArray<ServerAddress> holders, ImmutableArray<ServerAddress> staying)
    {
        // A primary that is well stays; else the furthest. Behind come those who hold it, then others, beginning with the
        // neighbour.
        var primary = shard < old.Shards.Length && holders.Contains(old.Shards[shard].Primary) && staying.Contains(old.Shards[shard].Primary)
            ? old.Shards[shard].Primary
            : holders.FirstOrDefault(staying.Contains, holders[0]);
        var place = Math.Max(0, staying.IndexOf(primary));
        var others = Enumerable.Range(1, staying.Length).Select(step => staying[(place + step) % staying.Length]);
        var isLeaving = !staying.Contains(primary);
        return new ShardPlacement(
            primary,
            [.. holders.Where(staying.Contains).Concat(others).Where(server => server != primary).Distinct().Take(isLeaving ? Math.Max(1, job.Replicas) : job.Replicas)]);
    }

    static void Configure(ShardMap map, ImmutableArray<ServerAddress>[] holders, Dictionary<ServerAddress, ServerTalk> talks)
    {
        for (var shard = 0; shard < map.Shards.Length; shard++)
        {
            var (placement, held) = (map.Shards[shard], holders[shard]);
            var newcomers = placement.Replicas.Where(replica => !held.Contains(replica)).ToHashSet();

            // Replicas first: what a primary of the new epoch passes on must find them in it.
            foreach (var replica in placement.Replicas.Where(held.Contains))
            {
                talks[replica].Configure(shard, map.Epoch, false, [], newcomers);
            }

            talks[placement.Primary].Configure(shard, map.Epoch, true, placement.Replicas, newcomers);
        }
    }

    /// <summary>Frees what servers hold that are no longer asked for it.</summary>
    static void CloseOthers(
        ShardMap map, Dictionary<ServerAddress, ImmutableArray<(int Shard, ShardStatus Status)>> found, Dictionary<ServerAddress, ServerTalk> talks)
    {
        foreach (var (server, list) in found)
        {
            foreach (var (shard, _) in list.Where(each => map.Shards[each.Shard] is var placed && placed.Primary != server && !placed.Replicas.Contains(server)))
            {
                talks[server].Close(shard);
            }
        }
    }

    static int NewestEpoch(Dictionary<ServerAddress, ImmutableArray<(int Shard, ShardStatus Status)>> found) =>
        found.Values.SelectMany(list => list).Select(each => each.Status.Epoch).Where(epoch => epoch < int.MaxValue).DefaultIfEmpty().Max();

    static IEnumerable<ServerAddress> HoldersOf(ShardMap map) => map.Shards.SelectMany(shard => shard.Replicas.Append(shard.Primary));

    static string Describe(ShardMap map) => string.Join("; ", map.Shards.Select((placement, shard) => string.Create(
        CultureInfo.InvariantCulture,
        $"shard {shard} at {placement.Primary}{(placement.Replicas.IsEmpty ? "" : $", replicas {string.Join(", ", placement.Replicas)}")}")));
}
