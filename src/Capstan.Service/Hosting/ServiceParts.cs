using Capstan.Gateway;

namespace Capstan.Service;

/// <summary>How the parts of a server are put together: the one place that knows all of them.</summary>
sealed class ServiceParts
{
    readonly Engine _engine;
    readonly SourceFiles _sources;
    readonly ModelCache _models;

    /// <param name="gateway">Null: the server hosts no fleet.</param>
    public ServiceParts(Engine engine, OidcTokens? tokens, FleetGateway? gateway)
    {
        _engine = engine;
        _sources = new SourceFiles(engine);
        _models = new ModelCache(engine);
        var access = new AccessControl(engine, tokens);
        var quotas =
            new QuotaCounters(engine.Options.Quotas ?? (engine.Options.Access.IsOpen ? Quotas.None : Quotas.OfCmle), engine.Time);
        var metrics = new ServiceMetrics();
        var fleet = new HostedFleet(gateway);
        var methods = new MethodTable(
        [
            new ModelMethods(quotas, fleet), new VersionMethods(quotas, fleet), new PredictionMethods(_models, fleet), new OperationMethods(),
            new JobMethods(),
            new ProjectMethods(), new StudyMethods(), new TrialMethods(), new PolicyMethods(access), new LineageMethods(_models),
            new DatasetMethods(_models), new AlertMethods(),
        ]);
        Endpoints = new ServiceEndpoints(
            engine, methods, access, quotas,
            [
                new StatusEndpoint(engine, metrics, fleet), new StorageEndpoint(engine, access),
                new LogEntriesEndpoint(engine, access),
                .. gateway is null ? Array.Empty<IPlainEndpoint>() : [new FleetEndpoint(engine, gateway, access, quotas)],
            ],
            metrics);
    }

    public ServiceEndpoints Endpoints { get; }

    /// <summary>Ends when it is cancelled.</summary>
    public Task RunWorkersAsync(CancellationToken cancellationToken)
    {
        var operations = new OperationWorker(_engine, new VersionMaker(_engine, _sources, _models));
        var jobs = new JobScheduler(_engine,
            new JobWatch(_engine, new JobPreparation(_engine, _sources), new JobResults(_engine, _sources)));

        // Off the caller's thread: SQLite's calls block, and the server has started when its port is open.
        return Task.WhenAll(
            Task.Run(() => operations.RunAsync(cancellationToken), CancellationToken.None),
            Task.Run(() => jobs.RunAsync(cancellationToken), CancellationToken.None),
            Task.Run(() => new ArtifactVerification(_engine).RunAsync(cancellationToken), CancellationToken.None),
            Task.Run(() => new ArtifactCollection(_engine).RunAsync(cancellationToken), CancellationToken.None));
    }
}
