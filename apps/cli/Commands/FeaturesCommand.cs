using System.CommandLine;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan features sql</c>: a model's features, or the analyses of a pipeline's, as queries for a database;
/// <c>capstan features functions</c>: what expressions are made of.
/// </summary>
sealed class FeaturesCommand : CapstanCommand
{
    const string Sql = "sql";
    const string Functions = "functions";

    static readonly Dictionary<string, SqlDialect> Dialects = new(StringComparer.Ordinal)
    {
        ["duckdb"] = SqlDialect.DuckDb, ["postgresql"] = SqlDialect.PostgreSql, ["ansi"] = SqlDialect.Ansi,
    };

    readonly Argument<string> _form = new("FORM") { Description = $"{Sql}, or {Functions} (what expressions are made of)." };
    readonly Argument<string> _subject = new("MODEL|PIPELINE|NAME")
    {
        Description = "A model's folder, or a pipeline file with --data; a function's name, or none for all of them.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<string> _dialect = new("--dialect")
    {
        Description = "Whose SQL: duckdb, postgresql or ansi.", HelpName = "NAME", DefaultValueFactory = _ => "duckdb",
    };

    readonly Option<string> _table = new("--table")
    {
        Description = "The table that holds the raw columns; dots between the parts of a name.", HelpName = "NAME",
    };

    readonly Option<bool> _analysis = new("--analysis")
    {
        Description = "For a pipeline: the queries that find its statistics, boundaries and vocabularies.",
    };

    readonly Option<string[]> _files = new("--data", "-d")
    {
        Description = "For a pipeline: files with the table's columns, for their types.", HelpName = "FILES",
        AllowMultipleArgumentsPerToken = true,
    };

    public FeaturesCommand()
        : base(
            "features", "Write a model's features as SQL, or what a pipeline finds in its data; list the functions of " +
                "expressions.",
            new Example("capstan features sql models/trips --dialect duckdb --table trips",
                "one SELECT that yields every feature"),
            new Example(
                "capstan features sql pipeline.json --data trips.csv --dialect postgresql --table public.trips --analysis",
                "queries for means, boundaries and vocabularies"),
            new Example("capstan features functions log1p", "what a function gives, where it runs, and examples"))
    {
        Arguments.Add(_form);
        Arguments.Add(_subject);
        foreach (var option in new Option[] { _dialect, _table, _analysis, _files })
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        switch (line.GetRequiredValue(_form))
        {
            case Sql:
                return await WriteSqlAsync(line, session, cancellationToken);
            case Functions:
                return await FunctionList.WriteAsync(session, line.GetValue(_subject), cancellationToken);
            case var form:
                throw new UsageException($"Features were asked for as '{form}', expected '{Sql}' or '{Functions}'.");
        }
    }

    async Task<int> WriteSqlAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        if (!Dialects.TryGetValue(line.GetRequiredValue(_dialect), out var dialect))
        {
            throw new UsageException(
                $"--dialect was given '{line.GetValue(_dialect)}', expected {string.Join(", ", Dialects.Keys)}.");
        }

        var table = line.GetValue(_table) ?? throw new UsageException("The queries are over a table: --table NAME.");
        if (table.Split('.').Contains(""))
        {
            throw new UsageException($"--table was given '{table}', expected a name such as trips or public.trips.");
        }

        var subject = line.GetValue(_subject)
            ?? throw new UsageException("Whose features? Expected a model's folder, or a pipeline file with --data.");
        var analysis = line.GetValue(_analysis);
        string[] queries = File.Exists(subject)
            ? await OfPipelineAsync(line, subject, analysis, dialect, table, cancellationToken)
            : OfModel(subject, analysis, dialect, table);
        Write(session, queries);
        if (analysis)
        {
            session.Remark(
                "The queries look at all rows of the table: a pipeline's filter and validation rows are not left out.");
        }

        return ExitCodes.Ok;
    }

    static string[] OfModel(string folder, bool analysis, SqlDialect dialect, string table) => analysis
        ? throw new UsageException(
            $"'{folder}' is a model, whose constants are found already; --analysis goes with a pipeline file and --data.")
        : [SqlCompiler.Compile(TrainedModel.Load(folder).Artifact.Transform, dialect, table)];

    async Task<string[]> OfPipelineAsync(
        ParseResult line, string path, bool analysis, SqlDialect dialect, string table, CancellationToken cancellationToken)
    {
        if (line.GetValue(_files) is not { Length: > 0 } files)
        {
            throw new UsageException($"'{path}' is a pipeline file; --data FILES tells the types of its columns.");
        }

        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        pipeline.Validate();
        if (pipeline.WantsAutomaticFeatures)
        {
            throw new UsageException($"'{path}' leaves features to be chosen from data; 'capstan init' writes them down.");
        }

        var source = await Dataset.Read(files).OpenAsync(cancellationToken);
        var schema = new Schema(source.Schema.Fields.Select(field => pipeline.Types.TryGetValue(field.Name, out var type)
            ? field with { Type = Schema.TypeNamed(type)!.Value } // Validate checked the names
            : field));
        var graph = new TransformGraph(schema);
        foreach (var (name, text) in pipeline.Features)
        {
            graph[name] = ExprParser.Parse(text);
        }

        return analysis
            ? [.. SqlCompiler.Analyse(graph, dialect, table).Select(query => query.Query)]
            : [SqlCompiler.Compile(new FrozenTransform(schema, [.. graph.Features]), dialect, table)];
    }

    static void Write(CommandSession session, string[] queries)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartArray("queries");
                foreach (var query in queries)
                {
                    json.WriteStringValue(query);
                }

                json.WriteEndArray();
            });
            return;
        }

        foreach (var query in queries)
        {
            session.Terminal.Output.WriteLine($"{query};");
        }
    }
}
