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

    [Fact]
    public void The_state_that_all_matches_have_is_known_to_the_store()
    {
        Assert.Equal("FAILED", ListFilter.Parse("jobId:a* AND state:FAILED", ApiSurface.V1.Message("Job")).State);
        Assert.Null(ListFilter.Parse("state!=FAILED", ApiSurface.V1.Message("Job")).State);
        Assert.Null(ListFilter.Parse("state:FA*", ApiSurface.V1.Message("Job")).State);
    }
}
