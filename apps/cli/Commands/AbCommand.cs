using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Capstan.Cli;

/// <summary><c>capstan ab</c>: which version is better, as far as can be said now.</summary>
sealed class AbCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "The model." };

    readonly ServerOption _server = new();

    public AbCommand()
        : base(
            "ab", "Compare the versions of a model by what came of their predictions.",
            new Example("capstan ab trips", "look as often as you like: the p-values stay valid"))
    {
        Arguments.Add(_model);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        using var gateway = _server.Connect(line);
        var answer = await gateway.SendAsync(
            HttpMethod.Get, $"/v1beta/routes/{line.GetRequiredValue(_model)}/comparison", null, cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                foreach (var member in answer.EnumerateObject())
                {
                    member.WriteTo(json);
                }
            });
            return ExitCodes.Ok;
        }

        var table = new ResultTable("version", "#exposures", "#outcomes", "mean outcome", "mean loss");
        foreach (var version in answer.GetProperty("versions").EnumerateArray())
        {
            table.Add(
                version.GetProperty("version").GetString()!, ResultTable.Count(version.GetProperty("exposures").GetInt64()), // It has a name.
                ResultTable.Count(version.GetProperty("outcomes").GetInt64()), Interval(version, "meanOutcome", "value"),
                Interval(version, "meanLoss", "value"));
        }

        table.Write(session);
        foreach (var comparison in answer.GetProperty("comparisons").EnumerateArray())
        {
            session.Terminal.Output.WriteLine(Verdict(comparison));
        }

        return ExitCodes.Ok;
    }

    static string Verdict(JsonElement comparison)
    {
        var (version, baseline) = (comparison.GetProperty("version").GetString(), comparison.GetProperty("baseline").GetString());
        var parts = new[] { ("outcome", "mean outcome"), ("loss", "mean loss") }
            .Where(each => comparison.TryGetProperty(each.Item1, out _))
            .Select(each => (Name: each.Item2, Part: comparison.GetProperty(each.Item1)))
            .Select(each => $"{each.Name} {Interval(comparison, each.Name == "mean outcome" ? "outcome" : "loss", "difference")}, " +
                $"p {each.Part.GetProperty("p").GetDouble().ToString("G3", CultureInfo.InvariantCulture)}" +
                $"{(each.Part.GetProperty("significant").GetBoolean() ? "" : ": no difference yet")}").ToArray();
        return parts.Length == 0
            ? $"{version} against {baseline}: too few outcomes to say anything; 100 of each are needed."
            : $"{version} less {baseline}: {string.Join("; ", parts)}.";
    }

    static string Interval(JsonElement parent, string name, string middle) =>
        !parent.TryGetProperty(name, out var part) ? ""
        : part.TryGetProperty("low", out var low)
            ? $"{Number(part.GetProperty(middle))} ({Number(low)} to {Number(part.GetProperty("high"))})"
            : Number(part.GetProperty(middle));

    static string Number(JsonElement value) => value.GetDouble().ToString("G4", CultureInfo.InvariantCulture);
}
