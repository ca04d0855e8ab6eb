using System.CommandLine;
using System.Globalization;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>How many machines train, of which pool, and how they learn from each other.</summary>
sealed class WorkersOptions
{
    // As Cloud ML Engine had them; its master is the coordinator here, and needs no machine of its own.
    static readonly Dictionary<string, (int Workers, int Servers)?> Tiers = new()
    {
        ["BASIC"] = (0, 0), ["STANDARD_1"] = (4, 3), ["PREMIUM_1"] = (19, 11), ["CUSTOM"] = null,
    };

    readonly Option<int?> _workers = new("--workers", "-w")
    {
        Description = "Train on several processes or machines: how many compute.", HelpName = "N",
    };

    readonly Option<int?> _servers = new("--parameter-servers")
    {
        Description = "With --workers: how many hold the parameters; 1 without it, and none for boosted trees.", HelpName = "N",
    };

    readonly Option<string?> _tier = new("--scale-tier")
    {
        Description = $"Both at once, as Cloud ML Engine had them: {string.Join(", ", Tiers.Keys)}.", HelpName = "TIER",
    };

    readonly Option<string> _consistency = new("--consistency")
    {
        Description = "synchronous (the model of one machine, to the bit), bounded (workers run a few batches apart) or asynchronous.",
        HelpName = "MODE", DefaultValueFactory = _ => "synchronous",
    };

    readonly Option<string> _wire = new("--wire")
    {
        Description = "How numbers travel, unless synchronous: single, bfloat16 or half (16 bits each).", HelpName = "FORMAT", DefaultValueFactory = _ => "single",
    };

    readonly Option<float> _leastGradient = new("--least-gradient")
    {
        Description = "Unless synchronous: gradients of categories that are smaller are held back until they have added up.", HelpName = "SIZE",
    };

    public JobOptions Job { get; } = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _workers, _servers, _tier, _consistency, _wire, _leastGradient })
        {
            command.Options.Add(option);
        }

        Job.AddTo(command);
    }

    /// <summary>Null: one machine trains, this one.</summary>
    /// <param name="needsServers">Whether what is trained has parameters for servers to hold.</param>
    public (int Workers, int Servers)? CountsOf(ParseResult line, bool needsServers)
    {
        if (!needsServers && line.GetValue(_servers) is not null)
        {
            throw new UsageException("only linear models and networks have parameters that servers hold; leave out --parameter-servers.");
        }

        return CountsOf(line) is not { } counts ? null : needsServers ? counts : (counts.Workers, 0);
    }

    (int Workers, int Servers)? CountsOf(ParseResult line)
    {
        var (tier, workers, servers) = (line.GetValue(_tier), line.GetValue(_workers), line.GetValue(_servers));
        var areCounted = workers is not null || servers is not null;
        if (tier is not null && (!Tiers.ContainsKey(tier) || (areCounted && tier != "CUSTOM")))
        {
            throw new UsageException(
                $"--scale-tier was given '{tier}', expected one of {string.Join(", ", Tiers.Keys)}; counts stand only beside CUSTOM.");
        }

        if (areCounted || tier == "CUSTOM")
        {
            return workers is > 0 && servers is null or > 0 ? (workers.Value, servers ?? 1) : throw new UsageException(
                $"--workers and --parameter-servers were given {Words(workers)} and {Words(servers)}, expected at least 1 each.");
        }

        return tier is not null && Tiers[tier] is { Workers: > 0 } counts ? counts : null;
    }

    static string Words(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "nothing";

    public WorkerConsistency ConsistencyOf(ParseResult line) => line.GetRequiredValue(_consistency) switch
    {
        "synchronous" => WorkerConsistency.Synchronous,
        "bounded" => WorkerConsistency.Bounded,
        "asynchronous" => WorkerConsistency.Asynchronous,
        var other => throw new UsageException($"--consistency was given '{other}', expected synchronous, bounded or asynchronous."),
    };

    /// <summary>What travels of the numbers: all of each, unless workers don't wait for each other.</summary>
    public (WireFormat Wire, float LeastGradient) TravelOf(ParseResult line)
    {
        var wire = line.GetRequiredValue(_wire) switch
        {
            "single" => WireFormat.Single,
            "bfloat16" => WireFormat.BFloat16,
            "half" => WireFormat.Half,
            var other => throw new UsageException($"--wire was given '{other}', expected single, bfloat16 or half."),
        };
        var least = line.GetValue(_leastGradient);
        if (!(least >= 0 && float.IsFinite(least)))
        {
            throw new UsageException($"--least-gradient was given {least}, expected 0 or more, such as 0.001.");
        }

        return ConsistencyOf(line) != WorkerConsistency.Synchronous || (wire, least) is (WireFormat.Single, 0) ? (wire, least) : throw new UsageException(
            "--wire and --least-gradient change bits, which synchronous training promises; they are for --consistency bounded or asynchronous.");
    }
}
