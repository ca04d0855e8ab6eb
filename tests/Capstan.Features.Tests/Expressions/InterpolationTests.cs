using static Capstan.Features.Tests.Rows;

namespace Capstan.Features.Tests;

public sealed class InterpolationTests
{
    [Fact]
    public void Between_two_places_is_the_straight_line_and_beyond_all_the_end()
    {
        var rows = Of(Numbers("x", -1e300, 0, 5, 10, 15, 20, 1e300, null));
        Assert.Equal([0, 0, 0.5, 1, 0.5, 0, 0, null], Evaluate.Numbers("interpolate(x, [0, 10, 20], [0, 1, 0])", rows));
    }

    [Theory]
    [InlineData("interpolate(x)", "takes a number and two lists")]
    [InlineData("interpolate(x, [0, 1])", "takes a number and two lists")]
    [InlineData("interpolate(x, [0, 1], [1])", "2 places and 1 values were found")]
    [InlineData("interpolate(x, [0], [1])", "1 places and 1 values were found; expected as many of each, two at least")]
    [InlineData("interpolate(x, [1, 1], [0, 1])", "The places 1 and 1 follow each other")]
    [InlineData("interpolate(x, [0, 1e-320], [0, 1])", "expected increasing ones, between which a line can be drawn")]
    public void Lists_that_give_no_lines_are_refused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text)).Message);
}
