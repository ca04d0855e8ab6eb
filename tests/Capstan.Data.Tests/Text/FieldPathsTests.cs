using System.Text;

namespace Capstan.Data.Tests.Text;

public sealed class FieldPathsTests
{
    [Fact]
    public void Every_name_of_many_is_found_with_any_guess()
    {
        var names = Enumerable.Range(0, 500).Select(index => $"column_{index * 7919}").ToArray();
        var fields = new FieldPaths(names);
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
        Assert.Equal(-1, new FieldPaths(["distance", "vendor"]).Find(Encoding.UTF8.GetBytes(name), 0));

    [Fact]
    public void Nothing_is_found_among_no_names() => Assert.Equal(-1, new FieldPaths([]).Find("x"u8, 0));

    [Fact]
    public void Names_with_dots_are_fields_of_objects()
    {
        var fields = new FieldPaths(["user.age", "user.name.first", "n", "user"]);
        Assert.True(fields.IsObject("user"u8));
        Assert.True(fields.IsObject("user.name"u8));
        Assert.False(fields.IsObject("user.age"u8));
        Assert.False(fields.IsObject("use"u8));
        Assert.Equal(1, fields.Find("user.name.first"u8, 0));
        Assert.Equal([0, 1], fields.Within("user"));
    }
}
