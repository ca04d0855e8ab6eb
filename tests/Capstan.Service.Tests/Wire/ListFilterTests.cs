using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Wire;

public sealed class ListFilterTests
{
    static readonly JsonObject Job = new()
    {
        ["jobId"] = "census_1", ["state"] = "FAILED", ["labels"] = new JsonObject { ["team"] = "rides" }, ["trainingInput"] = new JsonObject { ["workerCount"] = "4" },
    };

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("jobId:census*", true)]
    [InlineData("jobId:census* AND state:FAILED", true)]
    [InlineData("job_id=census_1", true)]
    [InlineData("state=RUNNING", false)]
    [InlineData("state!=RUNNING", true)]
    [InlineData("labels.team:rides", true)]
    [InlineData("labels.team = \"rides\"", true)]
    [InlineData("labels.other:x", false)]
    [InlineData("labels.other!=x", true)]
    [InlineData("trainingInput.workerCount=4", true)]
    [InlineData("nsus", true)]
    [InlineData("nonsense", false)]
    public void Terms_are_joined_and_values_may_be_beginnings(string? filter, bool matches) =>
        Assert.Equal(matches, ListFilter.Parse(filter, ApiSurface.V1.Message("Job")).Matches(Job));

    [Theory]
    [InlineData("colour:red")]
    [InlineData("state=")]
    [InlineData("state=a OR state=b")]
    public void What_is_no_filter_is_refused(string filter) =>
        Assert.Equal("filter", Assert.Throws<ServiceException>(() => ListFilter.Parse(filter, ApiSurface.V1.Message("Job"))).Violations[0].Field);

    [Theory]
    [InlineData("jobId:a* AND state:FAILED", "FAILED", "projects/p/jobs/a", "", true)]
    [InlineData("state!=FAILED", null, null, "", false)]
    [InlineData("state:FA*", null, null, "", false)]
    [InlineData("labels.team:rides AND jobId=a", null, "projects/p/jobs/a", "team=rides", false)]
    [InlineData("labels.team:ri*", null, null, "", false)]
    [InlineData("jobId!=a* AND labels.team!=rides", null, null, "", false)]
    [InlineData(null, null, null, "", true)]
    public void The_store_looks_for_what_all_matches_have(string? filter, string? state, string? beginning, string labels, bool isAll)
    {
        var read = ListFilter.Parse(filter, ApiSurface.V1.Message("Job"));
        var stored = read.StoredPart("projects/p/jobs/");
        Assert.Equal((state, beginning, isAll), (stored.State, stored.NameBeginning, read.IsStored));
        Assert.Equal(labels, string.Join(',', stored.Labels.Select(label => $"{label.Label}={label.Value}")));
    }
}
