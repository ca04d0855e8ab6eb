using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Wire;

public sealed class MessageReaderTests
{
    static JsonObject Read(string json, string message) => MessageReader.Read(Encoding.UTF8.GetBytes(json), ApiSurface.V1.Message(message));

    static IReadOnlyList<FieldViolation> Refuse(string json, string message)
    {
        var refusal = Assert.Throws<ServiceException>(() => Read(json, message));
        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        return refusal.Violations;
    }

    [Theory]
    [InlineData("""{"jobId":"j"}""", """{"jobId":"j"}""")]
    [InlineData("""{"job_id":"j","labels":null}""", """{"jobId":"j"}""")]
    [InlineData("""{"trainingInput":{"workerCount":4,"worker_type":"a"}}""", """{"trainingInput":{"workerCount":"4","workerType":"a"}}""")]
    [InlineData("""{"trainingInput":{"workerCount":"9223372036854775807"}}""", """{"trainingInput":{"workerCount":"9223372036854775807"}}""")]
    [InlineData("""{"trainingInput":{"scheduling":{"maxWaitTime":{"seconds":3,"nanos":500000000}}}}""", """{"trainingInput":{"scheduling":{"maxWaitTime":"3.5s"}}}""")]
    [InlineData("""{"state":"RUNNING","createTime":"nonsense"}""", "{}")]
    [InlineData("""{"etag":"AAE"}""", """{"etag":"AAE="}""")]
    [InlineData("""{"trainingInput":{"scaleTier":5}}""", """{"trainingInput":{"scaleTier":"CUSTOM"}}""")]
    [InlineData("", "{}")]
    public void Every_spelling_that_clients_use_is_read_into_one_form(string sent, string expected) =>
        Assert.Equal(expected, Read(sent, "Job").ToJsonString());

    [Theory]
    [InlineData("""{"nonsense":1}""", "nonsense")]
    [InlineData("""{"trainingInput":{"hyperparameters":{"params":[{"type":"DOUBLE"},{"type":"REAL"}]}}}""", "trainingInput.hyperparameters.params[1].type")]
    [InlineData("""{"trainingInput":{"workerCount":1.5}}""", "trainingInput.workerCount")]
    [InlineData("""{"trainingInput":{"workerCount":"9223372036854775808"}}""", "trainingInput.workerCount")]
    [InlineData("""{"trainingInput":{"args":"--epochs"}}""", "trainingInput.args")]
    [InlineData("""{"labels":{"a":1}}""", "labels.a")]
    [InlineData("""{"jobId":"j","job_id":"k"}""", "job_id")]
    [InlineData("""{"trainingInput":{"scheduling":{"maxWaitTime":"soon"}}}""", "trainingInput.scheduling.maxWaitTime")]
    [InlineData("""{"etag":"%"}""", "etag")]
    [InlineData("""{"jobId":"\ud800"}""", "jobId")]
    [InlineData("[]", "(body)")]
    public void What_is_wrong_is_told_by_its_path(string sent, string path) => Assert.Equal(path, Assert.Single(Refuse(sent, "Job")).Field);

    [Fact]
    public void All_mistakes_are_told_together_up_to_a_limit()
    {
        Assert.Equal(["a", "b"], Refuse("""{"a":1,"b":2}""", "Job").Select(each => each.Field));
        var many = string.Join(',', Enumerable.Range(0, 100_000).Select(index => $"\"x{index}\":1"));
        Assert.Equal(20, Refuse($"{{{many}}}", "Job").Count);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"jobId":"a","jobId":"b"}""")]
    [InlineData("{\"jobId\":\"\xff\"}")]
    public void What_is_no_JSON_is_refused(string sent) => Assert.Throws<ServiceException>(() =>
        MessageReader.Read(Encoding.Latin1.GetBytes(sent), ApiSurface.V1.Message("Job")));

    [Fact]
    public void Depth_is_bounded() => Assert.Throws<ServiceException>(() =>
        Read(string.Concat(Enumerable.Repeat("{\"trainingInput\":", 10_000)), "Job"));
}
