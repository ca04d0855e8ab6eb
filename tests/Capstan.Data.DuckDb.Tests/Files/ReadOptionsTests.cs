using System.Collections.Immutable;

namespace Capstan.Data.DuckDb.Tests.Files;

public sealed class ReadOptionsTests
{
    [Fact]
    public void Options_are_equal_by_value()
    {
        static ReadOptions Make(DataType type, string missing) => new()
        {
            Types = ImmutableDictionary.Create<string, DataType>().Add("a", type), MissingTexts = [missing], OnBadRow = BadRowPolicy.Quarantine("q"),
        };
        Assert.Equal(Make(DataType.Text, "-"), Make(DataType.Text, "-"));
        Assert.Equal(Make(DataType.Text, "-").GetHashCode(), Make(DataType.Text, "-").GetHashCode());
        Assert.NotEqual(Make(DataType.Text, "-"), Make(DataType.Int64, "-"));
        Assert.NotEqual(Make(DataType.Text, "-"), Make(DataType.Text, "."));
        Assert.NotEqual(Make(DataType.Text, "-"), Make(DataType.Text, "-") with { OnBadRow = BadRowPolicy.Skip });
    }

    [Fact]
    public async Task All_mistakes_are_reported_together()
    {
        var options = new ReadOptions { SampleRows = 0, ParquetMemoryBytes = 1, Delimiter = '"', Quote = '"' };
        var mistakes = await Assert.ThrowsAsync<ArgumentException>(() => Reading.Open(options, "any.csv"));
        Assert.Equal(3, mistakes.Message.Split('\n').Length);
    }

    [Fact]
    public void The_bin_folder_holds_the_native_library_of_one_platform() =>
        Assert.Single(Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "runtimes")));
}
