namespace Capstan.Data.PostgreSql.Tests;

public sealed class PostgreSqlAddressTests
{
    [Fact]
    public void An_address_says_where_and_what()
    {
        var address = PostgreSqlAddress.Parse("postgresql://ann:p%40ss%3A@db.example:6543/rides?table=public.trips&key=id&sslmode=verify-full");
        Assert.Equal(
            new PostgreSqlAddress
            {
                Host = "db.example", Port = 6543, Database = "rides", User = "ann", Password = "p@ss:", Table = "public.trips", Key = "id", SslMode = "verify-full",
            },
            address);
        Assert.Equal("postgresql://db.example:6543/rides?table=public.trips", address.ToString());
    }

    [Fact]
    public void What_is_left_out_is_the_usual_and_settings_may_stand_at_the_end()
    {
        Assert.Equal(new PostgreSqlAddress { Table = "trips" }, PostgreSqlAddress.Parse("postgres://?table=trips"));
        Assert.Equal(
            new PostgreSqlAddress { Host = "/run/postgresql", Port = 5433, User = "ann", Password = "x", Database = "rides", Query = "SELECT 1 AS a" },
            PostgreSqlAddress.Parse("postgresql://ann@/rides?host=%2Frun%2Fpostgresql&port=5433&password=x&query=SELECT%201%20AS%20a;"));
        Assert.Equal("::1", PostgreSqlAddress.Parse("postgresql://[::1]:5433/rides?table=t").Host);
        Assert.Equal("::1", PostgreSqlAddress.Parse("postgresql://[::1]/rides?table=t").Host);
        Assert.Equal("postgresql://[::1]/rides?table=t", PostgreSqlAddress.Parse("postgresql://[::1]/rides?table=t").ToString());
    }

    [Theory]
    [InlineData("postgresql://host/rides", "what to read")]
    [InlineData("postgresql://host/rides?table=a&query=b", "leave one out")]
    [InlineData("postgresql://host/rides?table=public..trips", "empty part")]
    [InlineData("postgresql://host:port/rides?table=t", "port is 'port'")]
    [InlineData("postgresql://host:70000/rides?table=t", "port is '70000'")]
    [InlineData("postgresql://host/rides?table=t&sslmode=on", "sslmode is 'on'")]
    [InlineData("postgresql://host/rides?tabel=t", "setting 'tabel'")]
    public void A_mistake_is_named_and_no_secret_is_told(string url, string problem)
    {
        Assert.Contains(problem, Assert.Throws<UnreadableDataException>(() => PostgreSqlAddress.Parse(url)).Message);
        var secret = Assert.Throws<UnreadableDataException>(() => PostgreSqlAddress.Parse(url.Replace("//", "//ann:s3cret@") + "&password=s3cret&x=1"));
        Assert.DoesNotContain("s3cret", secret.Message);
    }

    [Theory]
    [InlineData("postgresql://a", true)]
    [InlineData("postgres://a", true)]
    [InlineData("trips.csv", false)]
    public void An_address_is_told_from_a_file(string text, bool isAddress) => Assert.Equal(isAddress, PostgreSqlAddress.IsAddress(text));
}
