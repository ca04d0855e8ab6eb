namespace Capstan.Parameters.Tests;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("10.0.0.3:7301", "10.0.0.3", 7301)]
    [InlineData("::1:80", "::1", 80)]
    public void An_address_is_read_as_it_is_written(string text, string host, int port)
    {
        Assert.Equal(new ServerAddress(host, port), ServerAddress.Parse(text));
        Assert.Equal(text, ServerAddress.Parse(text).ToString());
    }

    [Theory]
    [InlineData("host")]
    [InlineData(":7301")]
    [InlineData("host:70000")]
    [InlineData("host:")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => ServerAddress.Parse(text));
}
