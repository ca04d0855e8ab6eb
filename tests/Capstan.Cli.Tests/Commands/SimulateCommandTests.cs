using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class SimulateCommandTests : IDisposable
{
    readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task The_same_seed_writes_the_same_file_and_another_does_not()
    {
        await DoAsync("simulate", "trips", "--rows", "100", _place.At("a.csv"));
        await DoAsync("simulate", "trips", "--rows", "100", "--seed", "1", _place.At("b.csv"));
        await DoAsync("simulate", "trips", "--rows", "100", "--seed", "2", _place.At("c.csv"));
        Assert.Equal(File.ReadAllText(_place.At("a.csv")), File.ReadAllText(_place.At("b.csv")));
        Assert.NotEqual(File.ReadAllText(_place.At("a.csv")), File.ReadAllText(_place.At("c.csv")));
        Assert.Equal(101, File.ReadLines(_place.At("a.csv")).Count());
    }

    [Theory]
    [InlineData("mean:0.5,missing", "mean=0.5,variance=0,category=0,missing=0.05")]
    [InlineData("category=0.2,variance", "mean=0,variance=1,category=0.2,missing=0")]
    public async Task Drift_has_strengths_or_usual_ones(string drift, string expected)
    {
        var found = await AskAsync("simulate", "trips", "--rows", "10", "--drift", drift, _place.At("a.csv"));
        Assert.Equal(expected, found.GetProperty("drift").GetString());
    }

    [Theory]
    [InlineData("nope", "expected a name and a strength")]
    [InlineData("nope:1", "There is no drift 'nope'")]
    [InlineData("missing:2", "expected 0 to 1")]
    public async Task Drift_that_cannot_be_is_a_usage_error(string drift, string expected)
    {
        Assert.Contains(expected, await RefuseAsync(ExitCodes.Usage, "simulate", "trips", "--rows", "10", "--drift", drift, _place.At("a.csv")));
        Assert.Empty(_place.Entries);
    }

    [Fact]
    public async Task Files_are_not_replaced_and_rows_are_at_least_one()
    {
        Assert.Contains("expected 1 or more", await RefuseAsync(ExitCodes.Usage, "simulate", "trips", "--rows", "0", _place.At("a.csv")));
        await DoAsync("simulate", "trips", "--rows", "10", _place.At("a.csv"));
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Usage, "simulate", "trips", "--rows", "10", _place.At("a.csv")));
    }
}
