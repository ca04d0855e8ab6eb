namespace Capstan.Architecture.Tests;

/// <summary>A change of what users can call shows up as a diff of Golden/ASSEMBLY.txt, and only UPDATE_GOLDEN=1 makes it.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Assemblies => [.. Repository.Stations.Select(station => station.Name)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_api_is_the_one_on_file(string assembly)
    {
        var actual = PublicApi.Of(Repository.Stations.Single(station => station.Name == assembly).Load());
        var path = Path.Combine(Repository.Root, "tests", "Capstan.Architecture.Tests", "Golden", $"{assembly}.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; run with UPDATE_GOLDEN=1 and review what it writes.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    [Fact]
    public void No_file_is_left_of_an_assembly_that_is_gone() => Assert.Empty(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Capstan.Architecture.Tests", "Golden"), "*.txt")
            .Select(Path.GetFileNameWithoutExtension).Except(Repository.Stations.Select(station => station.Name)));
}
