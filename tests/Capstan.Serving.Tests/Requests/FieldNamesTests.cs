using System.Text;

namespace Capstan.Serving.Tests.Requests;

public sealed class FieldNamesTests
{
    [Fact]
    public void Every_name_of_many_is_found_with_any_guess()
    {
        var names = Enumerable.Range(0, 500).Select(index => $"column_{index * 7919}").ToArray();
        var fields = new FieldNames(names);
        for (var index = 0; index < names.Length; index++)
        {
            foreach (var guess in new[] { index, -1, 0, 499, 500 })
            {
                Assert.Equal(index, fields.Find(Encoding.UTF8.GetBytes(names[index]), guess));
            }
        }
    }

    [Theory]
    [InlineData("Distance")]
    [InlineData("distanc")]
    [InlineData("distances")]
    [InlineData("")]
    public void Another_name_is_not_found(string name) =>
        Assert.Equal(-1, new FieldNames(["distance", "vendor"]).Find(Encoding.UTF8.GetBytes(name), 0));

    [Fact]
    public void Nothing_is_found_among_no_names() => Assert.Equal(-1, new FieldNames([]).Find("x"u8, 0));
}
