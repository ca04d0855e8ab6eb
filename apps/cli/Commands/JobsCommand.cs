using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary><c>capstan jobs</c>: training and batch prediction as jobs of a server, in Cloud ML Engine's words.</summary>
sealed class JobsCommand : CapstanCommand
{
    const string Master = "master-replica-0";

    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    readonly Argument<string> _action = new("ACTION")
    {
        Description = "submit-training, submit-prediction, list, describe, stream-logs or cancel.",
    };

    readonly Argument<string?> _job = new("JOB") { Description = "The job's name.", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<string?> _pipeline =
        new("--pipeline") { Description = "For submit-training: a pipeline file.", HelpName = "FILE" };
    readonly Option<string[]> _inputs = new("--input", "-i")
    {
        Description = "What to learn from, or to predict (JSON lines): gs://BUCKET/PATTERN, or paths of the server.",
        HelpName = "PLACES",
        AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<string?> _packages =
        new("--package") { Description = "For submit-training: a trainer package instead of a pipeline.", HelpName = "PLACE" };
    readonly Option<string?> _module = new("--module") { Description = "The program in the package.", HelpName = "NAME" };
    readonly Option<string[]> _arguments =
        new("--args") { Description = "The trainer's own arguments.", HelpName = "WORDS", AllowMultipleArgumentsPerToken = true };
    readonly Option<string?> _output =
        new("--output") { Description = "Where results go; a bucket of the service without it.", HelpName = "PLACE" };
    readonly Option<string?> _model =
        new("--model") { Description = "For submit-prediction: a model, or MODEL/VERSION.", HelpName = "NAME" };
    readonly Option<string> _tier =
        new("--scale-tier") { Description = "BASIC, STANDARD_1, PREMIUM_1 or CUSTOM.", HelpName = "TIER",
            DefaultValueFactory = _ => "BASIC" };
    readonly MemberOptions _members = new();
    readonly Option<string?> _longest = new("--max-running-time") { Description = "Such as 3600s.", HelpName = "DURATION" };
    readonly Option<bool> _stream = new("--stream-logs") { Description = "Wait until the job is over, and show its log." };
    readonly ServerOptions _server = new();

    public JobsCommand()
        : base(
            "jobs", "Submit, watch and cancel jobs of a server.",
            new Example("capstan jobs submit-training j1 --pipeline pipeline.json --input $PWD/trips.csv --stream-logs",
                "train as a job"),
            new Example("capstan jobs submit-prediction b1 --model trips --input $PWD/new.jsonl --output $PWD/out",
                "predict every line"),
            new Example(
                "capstan jobs submit-training j2 --pipeline p.json --input $PWD/trips.csv --scale-tier STANDARD_1",
                "on machines of the server's pool"),
            new Example("capstan jobs list --server http://ml:8080 --project rides", "on another machine"))
    {
        Arguments.Add(_action);
        Arguments.Add(_job);
        foreach (var option in new Option[] { _pipeline, _inputs, _packages, _module, _arguments, _output, _model, _tier,
            _longest, _stream })
        {
            Options.Add(option);
        }

        _members.AddTo(this);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var action = line.GetRequiredValue(_action);
        await using var server = await _server.ConnectAsync(line, cancellationToken);
        switch (action)
        {
            case "submit-training":
                return await SubmitAsync(line, session, server, await TrainingAsync(line, cancellationToken), cancellationToken);
            case "submit-prediction":
                return await SubmitAsync(line, session, server, Prediction(line, server.Project), cancellationToken);
            case "list":
                ResourceText.WriteList(
                    session, "jobs", await ResourceLists.AllAsync(server.Client.Connection, $"v1/{server.Project}/jobs", "jobs",
                        cancellationToken),
                    "state", "createTime");
                return ExitCodes.Ok;
            case "describe":
                ResourceText.Write(session, await GetAsync(line, server, cancellationToken));
                return ExitCodes.Ok;
            case "stream-logs":
                return await StreamAsync(session, server, JobOf(line), cancellationToken);
            case "cancel":
                await server.Client.Connection.SendAsync(HttpMethod.Post, $"v1/{server.Project}/jobs/{JobOf(line)}:cancel", [],
                    cancellationToken);
                session.Remark("Asked to end.");
                return ExitCodes.Ok;
            default:
                throw new UsageException(
                    $"'capstan jobs {action}' is no action; there are submit-training, submit-prediction, list, describe, " +
                        $"stream-logs and cancel.");
        }
    }

    async Task<int> SubmitAsync(ParseResult line, CommandSession session, ServerSession server, JsonObject job,
        CancellationToken cancellationToken)
    {
        job["jobId"] = JobOf(line);
        var created =
            await server.Client.Connection.SendAsync(HttpMethod.Post, $"v1beta/{server.Project}/jobs", job, cancellationToken);
        if (line.GetValue(_stream))
        {
            return await StreamAsync(session, server, JobOf(line), cancellationToken);
        }

        if (server.IsOwn)
        {
            session.Remark(
                "The job starts with the next command or server on this data folder; --stream-logs waits for its end.");
        }

        ResourceText.Write(session, created);
        return ExitCodes.Ok;
    }

    async Task<JsonObject> TrainingAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var input = new JsonObject { ["scaleTier"] = line.GetRequiredValue(_tier), ["region"] = "us-central1" };
        _members.Write(line, input);
        if (line.GetValue(_output) is { } output)
        {
            input["jobDir"] = output;
        }

        if (line.GetValue(_longest) is { } longest)
        {
            input["scheduling"] = new JsonObject { ["maxRunningTime"] = longest };
        }

        if (line.GetValue(_packages) is { } package)
        {
            input["packageUris"] = new JsonArray(package);
            input["pythonModule"] =
                line.GetValue(_module) ?? throw new UsageException("a package needs --module, the program in it.");
            input["args"] = new JsonArray([.. (line.GetValue(_arguments) ?? []).Select(word => (JsonNode)word)]);
        }
        else
        {
            var path = line.GetValue(_pipeline) ??
                throw new UsageException("there is nothing to train: name --pipeline FILE, or --package PLACE.");
            input["pipeline"] = JsonNode.Parse((await PipelineFile.ReadAsync(path, cancellationToken)).ToJson());
            input["dataUris"] = Inputs(line);
        }

        return new JsonObject { ["trainingInput"] = input };
    }

    JsonObject Prediction(ParseResult line, string project)
    {
        var input = new JsonObject { ["dataFormat"] = "JSON", ["region"] = "us-central1", ["inputPaths"] = Inputs(line) };
        var output = line.GetValue(_output) ?? throw new UsageException("--output must say where results go.");
        input["outputPath"] = output;
        switch ((line.GetValue(_model) ?? throw new UsageException("--model must say what predicts.")).Split('/'))
        {
            case [var model]:
                input["modelName"] = $"{project}/models/{model}";
                break;
            case [var model, var version]:
                input["versionName"] = $"{project}/models/{model}/versions/{version}";
                break;
            default:
                throw new UsageException($"--model was given '{line.GetValue(_model)}', expected MODEL or MODEL/VERSION.");
        }

        return new JsonObject { ["predictionInput"] = input };
    }

    JsonArray Inputs(ParseResult line) => line.GetValue(_inputs) is { Length: > 0 } inputs
        ? new JsonArray([.. inputs.Select(place => (JsonNode)place)])
        : throw new UsageException("--input must say where the rows are.");

    static async Task<int> StreamAsync(CommandSession session, ServerSession server, string job,
        CancellationToken cancellationToken)
    {
        var token = "";
        while (true)
        {
            // The state first: lines that come after the end is known have all been kept.
            var found = await server.Client.Connection.SendAsync(HttpMethod.Get, $"v1/{server.Project}/jobs/{job}", null,
                cancellationToken);
            JsonArray? entries;
            do
            {
                var page = await server.Client.Connection.SendAsync(
                    HttpMethod.Get, $"v1beta/{server.Project}/jobs/{job}/logEntries?pageSize=100&pageToken={token}", null,
                    cancellationToken);
                entries = page["logEntries"] as JsonArray;
                foreach (var entry in entries ?? [])
                {
                    var replica = $"{entry?["replica"]}" is var name && name != Master ? $"{name} | " : "";
                    session.Remark($"{entry?["severity"],-7} {replica}{entry?["text"]}");
                }

                token = page["nextPageToken"]?.GetValue<string>() ?? token;
            }
            while (entries is { Count: > 0 });

            if ($"{found["state"]}" is "SUCCEEDED" or "FAILED" or "CANCELLED")
            {
                ResourceText.Write(session, found);
                return $"{found["state"]}" == "SUCCEEDED" ? ExitCodes.Ok : ExitCodes.Failure;
            }

            await Task.Delay(LookInterval, session.Terminal.Time, cancellationToken);
        }
    }

    Task<JsonObject> GetAsync(ParseResult line, ServerSession server, CancellationToken cancellationToken) =>
        server.Client.Connection.SendAsync(HttpMethod.Get, $"v1/{server.Project}/jobs/{JobOf(line)}", null, cancellationToken);

    string JobOf(ParseResult line) => line.GetValue(_job) ?? throw new UsageException("the job's name is missing.");
}
