namespace Capstan.Serving.Tests.Hosting;

public sealed class ChildEnvironmentTests
{
    [Fact]
    public void Children_find_where_things_are_and_no_secret_under_any_name()
    {
        Dictionary<string, string?> environment = new()
        {
            ["PATH"] = "/bin", ["LC_ALL"] = "C", ["DOTNET_ROOT"] = "/dotnet", ["AWS_SECRET_ACCESS_KEY"] = "s", ["PGPASSWORD"] = "s",
            ["CAPSTAN_KEY"] = "s", ["CAPSTAN_TOKEN"] = "s", ["OUR_OWN_SECRET"] = "s", ["path"] = "s",
        };
        ChildEnvironment.Reduce(environment);
        Assert.Equal(["DOTNET_ROOT", "LC_ALL", "PATH"], environment.Keys.Order(StringComparer.Ordinal));
    }
}
