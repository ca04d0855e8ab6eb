using System.Buffers;
using System.Text;
using Capstan.Data;

namespace Capstan.Serving.Tests.Models;

public sealed class ScoringLaneTests
{
    [Theory]
    [InlineData(1, "M\\u00fcller")]
    [InlineData(200, "M\\u00fcller")]
    [InlineData(1, "Müller")]
    [InlineData(200, "Müller")]
    public void Predicting_and_explaining_allocate_nothing_after_warm_up(int count, string vendor)
    {
        var model = new TripModel();
        using var lane = new ScoringLane(model, new FieldPaths(model.Inputs.Names));
        var one = $$"""{"vendor":"{{vendor}}","distance":2.5,"night":true,"passengers":1,"pickup":"2001-03-31T23:59:00"}""";
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"{{\"instances\":[{string.Join(',', Enumerable.Repeat(one, count))}]}}"));
        var answered = 0L;
        for (var warmUp = 0; warmUp < 100; warmUp++)
        {
            answered = lane.Predict(body).Length;
        }

        Assert.True(answered > 20);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var request = 0; request < 100; request++)
            {
                lane.Predict(body);
            }
        }));
        for (var warmUp = 0; warmUp < 100; warmUp++)
        {
            answered = lane.Explain(body).Length;
        }

        Assert.True(answered > 100);
        Assert.Equal(0, Allocations.Of(() => lane.Explain(body)));
    }
}
