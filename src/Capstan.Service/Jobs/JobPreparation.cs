using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>A job that can't be run as it is asked for.</summary>
sealed class JobRefusedException(string message) : Exception(message);

/// <summary>
/// From a job's resource to an order that a process without any rights can follow: everything it needs is in its folder.
/// </summary>
sealed class JobPreparation(Engine engine, SourceFiles sources)
{
    /// <summary>
    /// The module that stands for Capstan's own training, where a client can send no pipeline: <c>--pipeline FILE --data
    /// FILES…</c>.
    /// </summary>
    const string TrainModule = "capstan.train";
    static readonly TimeSpan LongestRunningTime = TimeSpan.FromDays(7);

    /// <exception cref="JobRefusedException">Something that the job names is not there.</exception>
    /// <exception cref="ServiceException">A place may not be read.</exception>
    public async Task<JobOrder> PrepareAsync(Resource job, string folder, CancellationToken cancellationToken) =>
        await OrderAsync(job, folder, cancellationToken) with { Trace = job.Body[JobMethods.Trace]?.GetValue<string>() };

    async Task<JobOrder> OrderAsync(Resource job, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (job.Body["predictionInput"] is JsonObject prediction)
        {
            return await PredictionAsync(job, prediction, folder, cancellationToken);
        }

        var input = job.Body["trainingInput"]!.AsObject(); // one of the two is there
        var limit = (input["scheduling"] as JsonObject)?["maxRunningTime"]?.GetValue<string>() is { } duration
            ? WireValue.Seconds(duration)
            : LongestRunningTime;
        string[] arguments = [.. (input["args"] as JsonArray ?? []).Select(each => $"{each}")];
        if (input["pipeline"] is { } pipeline)
        {
            if (pipeline["from"] is { } earlier)
            {
                pipeline["from"] = await ModelFolderAsync($"{earlier}", folder, cancellationToken);
            }

            return new JobOrder.TrainPipeline
            {
                Job = job.Name, MaxRunningTime = limit, Members = JobMembers.Of(input), Pipeline = pipeline.ToJsonString(),
                Data = await DataAsync((input["dataUris"] as JsonArray ?? []).Select(each => $"{each}"), folder,
                    cancellationToken),
            };
        }

        if (input["pythonModule"]?.GetValue<string>() is not { } module)
        {
            throw new JobRefusedException(
                "It asks for a container image, and jobs here are processes; send a package or a pipeline.");
        }

        if (module == TrainModule)
        {
            var (file, data) = TrainArguments(arguments);
            return new JobOrder.TrainPipeline
            {
                Job = job.Name, MaxRunningTime = limit, Members = JobMembers.Of(input),
                Pipeline = await TextAsync(file, cancellationToken),
                Data = await DataAsync(data, folder, cancellationToken),
            };
        }

        return new JobOrder.RunPackage
        {
            Job = job.Name, MaxRunningTime = limit, Members = JobMembers.Of(input), Module = module,
            Packages = await FilesAsync((input["packageUris"] as JsonArray ?? []).Select(each => $"{each}"), folder, "packages",
                cancellationToken),
            Arguments = input["jobDir"] is null ? arguments : [.. arguments, "--job-dir", new JobFolder(folder).Output],
            Environment = TrainerEnvironment.Of(job, input),
            Account = engine.Options.JobAccount, MaxMemoryBytes = engine.Options.JobMemoryBytes,
        };
    }

    async Task<JobOrder> PredictionAsync(Resource job, JsonObject input, string folder, CancellationToken cancellationToken)
    {
        var model = Path.Combine(folder, "model");
        if (input["uri"]?.GetValue<string>() is { } uri)
        {
            model = await ModelFolderAsync(uri, folder, cancellationToken);
        }
        else
        {
            var version =
                await engine.Database.ReadAsync(session => VersionAsync(input, session, cancellationToken), cancellationToken);
            await engine.Copies.MaterializeAsync(version.Body[VersionMethods.ArtifactHash]!.GetValue<string>(), model,
                cancellationToken); // ready: has one
        }

        var files = await FilesAsync((input["inputPaths"] as JsonArray ?? []).Select(each => $"{each}"), folder, "input",
            cancellationToken);
        return new JobOrder.PredictBatch
        {
            Job = job.Name, MaxRunningTime = LongestRunningTime, ModelFolder = model, Files = files,
            Members = JobMembers.OfPrediction(input),
            BatchSize = int.TryParse($"{input["batchSize"]}", out var size) && size > 0 ? Math.Min(size, 10_000) : 64,
        };
    }

    static async Task<Resource> VersionAsync(JsonObject input, RegistrySession session, CancellationToken cancellationToken)
    {
        var name = input["versionName"]?.GetValue<string>();
        if (name is null)
        {
            var modelName = $"{input["modelName"]}";
            var model = await session.Resources.FindAsync(modelName, cancellationToken) ?? throw ServiceException.NotFound(modelName);
            name = ModelMethods.DefaultOf(model) ?? throw new JobRefusedException($"'{modelName}' has no default version.");
        }

        return await VersionMethods.RequireReadyAsync(session, name, cancellationToken);
    }

    /// <summary>A model's folder of the job's own.</summary>
    async Task<string> ModelFolderAsync(string uri, string folder, CancellationToken cancellationToken)
    {
        var model = Path.Combine(folder, "model");
        foreach (var file in await sources.ListAsync(uri, cancellationToken))
        {
            await SaveAsync(await file.OpenAsync(cancellationToken), Path.Combine(model, StoreKey.Check(file.Path)),
                cancellationToken);
        }

        return model;
    }

    /// <summary>Places of data as a pipeline reads them: local patterns and databases as they are, buckets made local.</summary>
    async Task<IReadOnlyList<string>> DataAsync(IEnumerable<string> uris, string folder, CancellationToken cancellationToken)
    {
        var data = new List<string>();
        foreach (var uri in uris)
        {
            if (uri.StartsWith("postgresql://", StringComparison.Ordinal) && engine.Options.LocalFolders is null)
            {
                data.Add(uri);
            }
            else
            {
                data.AddRange(await FilesAsync([uri], folder, "data", cancellationToken));
            }
        }

        return data;
    }

    /// <summary>Local paths of all files that some patterns mean.</summary>
    async Task<IReadOnlyList<string>> FilesAsync(IEnumerable<string> uris, string folder, string below,
        CancellationToken cancellationToken)
    {
        var files = new List<string>();
        foreach (var uri in uris)
        {
            var found = SourceFiles.KeyOf(uri) is { } key
                ? await BucketFilesAsync(key, Path.Combine(folder, below), cancellationToken)
                : LocalFiles(sources.LocalPathOf(uri));
            files.AddRange(found.Count > 0 ? found : throw new JobRefusedException($"There is nothing at '{uri}'."));
        }

        return files;
    }

    async Task<IReadOnlyList<string>> BucketFilesAsync(string pattern, string folder, CancellationToken cancellationToken)
    {
        var beginning = pattern.Split('*')[0];
        var expression = new Regex($"^{Regex.Escape(pattern).Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*")}(?:/.*)?$");
        var files = new List<string>();
        await foreach (var file in engine.Store.ListAsync(beginning, cancellationToken))
        {
            if (!expression.IsMatch(file.Key))
            {
                continue;
            }

            if (engine.Store.LocalPath(file.Key) is { } local)
            {
                files.Add(local);
                continue;
            }

            var path = Path.Combine(folder, StoreKey.Check(file.Key));
            await SaveAsync(await engine.Store.OpenAsync(file.Key, cancellationToken) ??
                throw new JobRefusedException($"'{file.Key}' is gone."), path, cancellationToken);
            files.Add(path);
        }

        return files;
    }

    static IReadOnlyList<string> LocalFiles(string path)
    {
        var folder = Path.GetDirectoryName(path);
        return !Path.GetFileName(path).Contains('*') ? File.Exists(path) || Directory.Exists(path) ? [path] : []
            : Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : [];
    }

    async Task<string> TextAsync(string uri, CancellationToken cancellationToken)
    {
        await using var content = SourceFiles.KeyOf(uri) is { } key
            ? await engine.Store.OpenAsync(key, cancellationToken) ?? throw new JobRefusedException($"There is no file '{uri}'.")
            : File.Exists(sources.LocalPathOf(uri)) ? File.OpenRead(sources.LocalPathOf(uri))
                : throw new JobRefusedException($"There is no file '{uri}'.");
        using var text = new StreamReader(content);
        return await text.ReadToEndAsync(cancellationToken);
    }

    static (string Pipeline, IReadOnlyList<string> Data) TrainArguments(string[] arguments)
    {
        string? pipeline = null;
        var data = new List<string>();
        for (var index = 0; index < arguments.Length; index++)
        {
            var value = index + 1 < arguments.Length ? arguments[index + 1]
                : throw new JobRefusedException($"The argument {arguments[index]} lacks its value.");
            switch (arguments[index])
            {
                case "--pipeline":
                    pipeline = value;
                    break;
                case "--data":
                    data.Add(value);
                    break;
                default:
                    throw new JobRefusedException(
                        $"{TrainModule} has no argument '{arguments[index]}'; it takes --pipeline FILE and --data FILES.");
            }

            index++;
        }

        return pipeline is not null && data.Count > 0 ? (pipeline, data)
            : throw new JobRefusedException($"{TrainModule} needs --pipeline FILE and --data FILES.");
    }

    static async Task SaveAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        await using (content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // below the job's folder
            await using var file = File.Create(path);
            await content.CopyToAsync(file, cancellationToken);
        }
    }
}
