using System.Text.Json;
using Capstan.Features;

namespace Capstan.Cli;

/// <summary><c>capstan features functions</c>: what expressions are made of, all in a list or one with its examples.</summary>
static class FunctionList
{
    public static async Task<int> WriteAsync(CommandSession session, string? name, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            WriteAll(session);
            return ExitCodes.Ok;
        }

        FunctionEntry[] entries = [.. FunctionEntries.Find(name)];
        if (entries.Length == 0)
        {
            var known = string.Join(", ", FunctionEntries.All.Select(entry => entry.Name).Distinct());
            throw new UsageException($"There is no function '{name}'; there are {known}.");
        }

        var described = new List<(FunctionEntry Entry, FunctionExample Example)>();
        foreach (var entry in entries)
        {
            described.Add((entry, await FunctionExample.OfAsync(entry, cancellationToken)));
        }

        if (session.Json)
        {
            session.WriteJson(json => WriteJson(json, described));
            return ExitCodes.Ok;
        }

        foreach (var (entry, example) in described)
        {
            Write(session, entry, example);
        }

        return ExitCodes.Ok;
    }

    static void WriteAll(CommandSession session)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartArray("functions");
                foreach (var entry in FunctionEntries.All)
                {
                    json.WriteStartObject();
                    json.WriteString("name", entry.Name);
                    json.WriteString("usage", entry.Usage);
                    json.WriteString("meaning", entry.Meaning);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        foreach (var group in FunctionEntries.Groups)
        {
            var table = new ResultTable(group.Title, "");
            foreach (var entry in group.Entries)
            {
                table.Add(entry.Usage, entry.Meaning);
            }

            table.Write(session);
        }
    }

    static void Write(CommandSession session, FunctionEntry entry, FunctionExample example)
    {
        var output = session.Terminal.Output;
        output.WriteLine(entry.Usage);
        output.WriteLine($"  A {example.Kind.ToString().ToLowerInvariant()}: {entry.Meaning}.");
        output.WriteLine($"  Missing values: {entry.Missing}.");
        var targets = FunctionTargets.Of(example).Where(target => target.Refusal is null).Select(target => $", {target.Target}");
        output.WriteLine($"  Runs in the engine{string.Concat(targets)}.");
        var table = new ResultTable([.. example.Columns, entry.Usage]);
        foreach (var (inputs, value) in example.Rows)
        {
            table.Add([.. inputs, value]);
        }

        table.Write(session);
    }

    static void WriteJson(Utf8JsonWriter json, List<(FunctionEntry Entry, FunctionExample Example)> described)
    {
        json.WriteStartArray("functions");
        foreach (var (entry, example) in described)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("usage", entry.Usage);
            json.WriteString("meaning", entry.Meaning);
            json.WriteString("missing", entry.Missing);
            json.WriteString("gives", example.Kind.ToString().ToLowerInvariant());
            json.WriteStartObject("refusals");
            foreach (var (target, refusal) in FunctionTargets.Of(example))
            {
                json.WriteString(target, refusal);
            }

            json.WriteEndObject();
            json.WriteStartArray("examples");
            foreach (var (inputs, value) in example.Rows)
            {
                json.WriteStartObject();
                foreach (var (column, input) in example.Columns.Zip(inputs))
                {
                    json.WriteString(column, input);
                }

                json.WriteString("value", value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
