using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Cluster;

/// <summary>
/// Who the members of a distributed program are and where they listen, in the environment variables by which CMLE told its
/// programs: TF_CONFIG and, for custom containers, CLUSTER_SPEC.
/// </summary>
/// <param name="Places"><c>host:port</c> of every member.</param>
/// <param name="Program">The program's name, for <c>job</c>.</param>
/// <param name="Arguments">Its arguments, for <c>job</c>.</param>
/// <remarks>
/// Source: CMLE's distributed training details; the form is the one that <c>gcloud ai-platform local train --distributed</c>
/// sets.
/// </remarks>
public sealed record ClusterSpec(ImmutableSortedDictionary<Member, string> Places, string Program, ImmutableArray<string> Arguments)
{
    /// <summary>What TF_CONFIG calls the chief; programs for older runtimes look for <c>master</c>.</summary>
    public string ChiefTask { get; init; } = "chief";

    /// <summary>The member <c>job</c> as JSON, where it is more than program and arguments; null: those.</summary>
    public string? JobText { get; init; }

    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>In the order in which ranks are given and ports are taken.</summary>
    public static readonly IComparer<Member> Order = Comparer<Member>.Create((left, right) => (left.Role, left.Index).CompareTo((right.Role, right.Index)));

    /// <summary>All that a member finds in its environment.</summary>
    public ImmutableDictionary<string, string> VariablesOf(Member member)
    {
        var ranks = Places.Keys.Where(each => each.Role != MemberRole.Evaluator).Order(Order).ToList();
        return new Dictionary<string, string>
        {
            ["TF_CONFIG"] = TfConfigOf(member),
            ["CLUSTER_SPEC"] = ClusterSpecOf(member),
            ["CAPSTAN_MEMBER"] = member.ToString(),
            ["CAPSTAN_ROLE"] = member.Task,
            ["CAPSTAN_INDEX"] = Text(member.Index),
            // The chief is 0, then the workers; parameter servers come last, so that ranks of those that compute are without
            // gaps.
            ["CAPSTAN_RANK"] = Text(ranks.IndexOf(member)),
            ["CAPSTAN_MEMBERS"] = Text(ranks.Count),
            ["CAPSTAN_WORKERS"] = Text(ranks.Count(each => each.Role is MemberRole.Chief or MemberRole.Worker)),
            ["CAPSTAN_PLACE"] = Places[member],
            ["CAPSTAN_CHIEF"] = Places[new Member(MemberRole.Chief, 0)],
        }.ToImmutableDictionary();
    }

    string TfConfigOf(Member member) => new JsonObject
    {
        ["job"] = Job(),
        ["task"] = new JsonObject
        {
            ["type"] = member.Role == MemberRole.Chief ? ChiefTask : member.Task, ["index"] = member.Index,
        },
        ["cluster"] = Cluster(ChiefTask),
        ["environment"] = "cloud",
    }.ToJsonString(Plain);

    // Custom containers were told of a "master" unless they asked otherwise, and of the job as a text.
    string ClusterSpecOf(Member member) => new JsonObject
    {
        ["cluster"] = Cluster("master"),
        ["task"] = new JsonObject { ["type"] = member.Role == MemberRole.Chief ? "master" : member.Task, ["index"] = member.Index },
        ["environment"] = "cloud",
        ["job"] = Job().ToJsonString(Plain),
    }.ToJsonString(Plain);

    JsonNode Job() => JobText is not null
        ? JsonNode.Parse(JobText)! // whoever sets it writes JSON
        : new JsonObject { ["job_name"] = Program, ["args"] = new JsonArray([.. Arguments.Select(word => (JsonNode)word)]) };

    JsonObject Cluster(string chief)
    {
        var cluster = new JsonObject();
        foreach (var role in Places.Where(each => each.Key.Role != MemberRole.Evaluator).GroupBy(each => each.Key.Role))
        {
            cluster[role.Key == MemberRole.Chief ? chief : role.First().Key.Task] = new JsonArray([.. role.Select(each => (JsonNode)each.Value)]);
        }

        return cluster;
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
