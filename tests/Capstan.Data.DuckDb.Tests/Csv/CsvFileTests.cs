namespace Capstan.Data.DuckDb.Tests.Csv;

public sealed class CsvFileTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Types_are_found_and_values_read()
    {
        var path = _data.Write("a.csv", "id,price,late,when,name\n1,2.5,true,2001-03-31,a\n2,3,FALSE,2001-03-31 23:59:30.25,\"b, \"\"c\"\"\nd\"\n,,,,\n");
        var source = await Reading.Open(path);
        Assert.Equal("id: int, price: number, late: boolean, when: timestamp, name: text", source.Schema.ToString());
        Assert.Equal(
            ["1|2.5|True|2001-03-31|a", "2|3|False|2001-03-31T23:59:30.25|b, \"c\"\nd", "·|·|·|·|·"], await source.Rows());
        Assert.Equal(["a|1", "b, \"c\"\nd|2", "·|·"], await source.Rows("name", "id"));
    }
}
