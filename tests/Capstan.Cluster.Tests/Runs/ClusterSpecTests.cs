using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Tests;

public sealed class ClusterSpecTests
{
    static readonly Member Chief = new(MemberRole.Chief, 0);
    static readonly Member Server = new(MemberRole.ParameterServer, 0);

    static readonly ClusterSpec Spec = new(
        new Dictionary<Member, string>
        {
            [Chief] = "localhost:27182",
            [Server] = "localhost:27183",
            [new(MemberRole.Worker, 0)] = "localhost:27184",
            [new(MemberRole.Worker, 1)] = "localhost:27185",
            [new(MemberRole.Evaluator, 0)] = "localhost:27186",
        }.ToImmutableSortedDictionary(ClusterSpec.Order), "trainer.task", ["--epochs", "3"]);

    /// <summary>
    /// Recorded from Google Cloud SDK 528.0.0: gcloud ai-platform local train --distributed --worker-count=2
    /// --parameter-server-count=1 --module-name trainer.task -- --epochs 3.
    /// </summary>
    [Theory]
    [InlineData(MemberRole.Chief, 0, """{"job": {"job_name": "trainer.task", "args": ["--epochs", "3"]}, "task": {"type": "chief", "index": 0}, "cluster": {"chief": ["localhost:27182"], "ps": ["localhost:27183"], "worker": ["localhost:27184", "localhost:27185"]}, "environment": "cloud"}""")]
    [InlineData(MemberRole.ParameterServer, 0, """{"job": {"job_name": "trainer.task", "args": ["--epochs", "3"]}, "task": {"type": "ps", "index": 0}, "cluster": {"chief": ["localhost:27182"], "ps": ["localhost:27183"], "worker": ["localhost:27184", "localhost:27185"]}, "environment": "cloud"}""")]
    [InlineData(MemberRole.Worker, 1, """{"job": {"job_name": "trainer.task", "args": ["--epochs", "3"]}, "task": {"type": "worker", "index": 1}, "cluster": {"chief": ["localhost:27182"], "ps": ["localhost:27183"], "worker": ["localhost:27184", "localhost:27185"]}, "environment": "cloud"}""")]
    public void TF_CONFIG_is_the_one_that_gcloud_sets(MemberRole role, int index, string expected)
    {
        var actual = Spec.VariablesOf(new Member(role, index))["TF_CONFIG"];

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
    }

    [Fact]
    public void An_evaluator_knows_the_cluster_and_is_none_of_it()
    {
        var config = JsonNode.Parse(Spec.VariablesOf(new Member(MemberRole.Evaluator, 0))["TF_CONFIG"])!;

        Assert.Equal("evaluator", (string?)config["task"]!["type"]);
        Assert.Null(config["cluster"]!["evaluator"]);
    }

    [Fact]
    public void CLUSTER_SPEC_calls_the_chief_master_and_the_job_is_a_text_of_JSON()
    {
        var spec = JsonNode.Parse(Spec.VariablesOf(Chief)["CLUSTER_SPEC"])!;

        Assert.Equal("localhost:27182", (string?)spec["cluster"]!["master"]![0]);
        Assert.Equal("master", (string?)spec["task"]!["type"]);
        Assert.Equal("trainer.task", (string?)JsonNode.Parse((string)spec["job"]!)!["job_name"]);
    }

    [Fact]
    public void Ranks_go_from_the_chief_over_the_workers_to_the_parameter_servers()
    {
        Assert.Equal("0", Spec.VariablesOf(Chief)["CAPSTAN_RANK"]);
        Assert.Equal("2", Spec.VariablesOf(new Member(MemberRole.Worker, 1))["CAPSTAN_RANK"]);
        Assert.Equal("3", Spec.VariablesOf(Server)["CAPSTAN_RANK"]);
        Assert.Equal("4", Spec.VariablesOf(Server)["CAPSTAN_MEMBERS"]);
    }
}
