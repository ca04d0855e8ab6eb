namespace Capstan.Architecture.Tests;

/// <summary>Which assembly may know which: the table in ARCHITECTURE.md, held against project files and compiled assemblies.</summary>
public sealed class StationTests
{
    // What runs in a replica, which is compiled ahead of time (blueprint, section 2).
    static readonly string[] Aot = ["Capstan.Data", "Capstan.Features", "Capstan.Models", "Capstan.Serving"];

    [Fact]
    public void The_table_and_the_projects_name_the_same_assemblies() =>
        Assert.Equal(Repository.Table.Keys.Order(StringComparer.Ordinal), Repository.Stations.Select(station => station.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void The_table_speaks_of_nothing_that_it_does_not_list() =>
        Assert.Empty(Repository.Table.Values.SelectMany(references => references).Except(Repository.Table.Keys));

    [Fact]
    public void No_project_references_more_than_the_table_allows() => Assert.Empty(
        from station in Repository.Stations
        from reference in station.References
        where !Repository.Table.GetValueOrDefault(station.Name, []).Contains(reference)
        select $"src/{station.Name}/{station.Name}.csproj references {reference}; the table in ARCHITECTURE.md does not allow it.");

    [Fact]
    public void No_assembly_uses_more_than_the_table_allows() => Assert.Empty(
        from station in Repository.Stations
        from reference in station.Load().GetReferencedAssemblies()
        where reference.Name is { } name && Repository.Table.ContainsKey(name) && !Repository.Table.GetValueOrDefault(station.Name, []).Contains(name)
        select $"{station.Name}.dll uses {reference.Name}; the table in ARCHITECTURE.md does not allow it.");

    [Fact]
    public void No_station_can_be_reached_from_itself()
    {
        foreach (var start in Repository.Table.Keys)
        {
            var reached = new HashSet<string>();
            var open = new Stack<string>(Repository.Table[start]);
            while (open.TryPop(out var next))
            {
                if (reached.Add(next))
                {
                    Array.ForEach(Repository.Table.GetValueOrDefault(next, []), open.Push);
                }
            }

            Assert.DoesNotContain(start, reached);
        }
    }

    [Fact]
    public void What_runs_in_a_replica_is_compiled_under_the_analyzers_of_native_aot() =>
        Assert.Empty(Aot.Except(Repository.Stations.Where(station => station.IsAotCompatible).Select(station => station.Name)));

    [Fact]
    public void What_runs_in_a_replica_knows_no_station_that_cannot() => Assert.Empty(
        Aot.SelectMany(name => Repository.Table.GetValueOrDefault(name, [])).Except(Aot));
}
