using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>How routes reach the replicas, whether they were changed here or by another gateway on the same store.</summary>
public sealed partial class FleetGateway
{
    // What another gateway changes holds here within a second.
    static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(250);

    async Task DistributeAsync(string model, FleetDocument document, CancellationToken cancellationToken)
    {
        if (document.Find(model) is not { } kept)
        {
            if (_models.TryRemove(model, out var gone))
            {
                await gone.Group.DisposeAsync();
            }

            return;
        }

        RoutingTable table;
        try
        {
            table = new RoutingTable(document.Table.Generation, [await LocatedAsync(kept.Route, cancellationToken)]);
        }
        catch (RouteRefusedException)
        {
            // Whoever asks for it is told why its replicas do not come up, not that there is no such model.
            DeskOf(kept, new RoutingTable(document.Table.Generation, [kept.Route]));
            throw;
        }

        var isNew = !_models.ContainsKey(model);
        var desk = DeskOf(kept, table);
        if (!isNew)
        {
            await desk.Group.ApplyAsync(table, cancellationToken);
            if (!kept.SplitsAs(desk.Answering))
            {
                desk.Traffic.Reset();
            }

            if (desk.Answering?.Fleet.Scaling != kept.Fleet.Scaling)
            {
                desk.Group.Follow(kept.Fleet.Scaling);
            }
        }

        if (!kept.SplitsAs(desk.Answering) || kept.Fleet.Canary != desk.Answering?.Fleet.Canary)
        {
            desk.Trial = TrialOf(kept);
        }

        desk.Answering = kept;
    }

    CanaryTrial? TrialOf(KeptRoute kept) =>
        kept.Fleet.Canary is { } canary && (canary.MaxPredictionShift ?? canary.MaxInputSkew) is not null &&
        kept.Route.Find(canary.Version) is { Artifact: var artifact }
            ? new CanaryTrial(canary, async stop =>
            {
                var folder = await _options.Catalog.FolderOfAsync(artifact, stop);
                return await QuietThread.RunAsync(() => ArtifactCheck.Read(folder));
            })
            : null;

    ModelDesk DeskOf(KeptRoute kept, RoutingTable table) => _models.GetOrAdd(kept.Route.Model, name => new ModelDesk(
        name, new ReplicaGroup(name, table, kept.Fleet.Scaling, _options, _client), new Experiment(name, _experiments, _options.Time)));

    /// <summary>The route as the replicas of this machine need it: with folders that they can read.</summary>
    async Task<ModelRoute> LocatedAsync(ModelRoute route, CancellationToken cancellationToken)
    {
        var located = new List<RoutedVersion>();
        foreach (var version in route.Versions)
        {
            located.Add(version with { Artifact = await _options.Catalog.FolderOfAsync(version.Artifact, cancellationToken) });
        }

        return route.With([.. located]);
    }

    async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(FollowEvery, _options.Time);
        while (await NextAsync(timer))
        {
            try
            {
                await Routes.FollowAsync(_stopping.Token);
                await _experiments.AnswerAsync(question => _models.GetValueOrDefault(question.Model)?.Experiment.Take(question), _stopping.Token);
                await _experiments.TellAsync(CountsOf(_models), _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // The edge of a job that goes on: requests are answered by the routes that are known.
                LogNotFollowed(problem);
            }
        }
    }

    static ExposureCount[] CountsOf(IEnumerable<KeyValuePair<string, ModelDesk>> models) =>
        [.. models.SelectMany(each => each.Value.Experiment.OwnExposures)];
}
