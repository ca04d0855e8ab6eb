namespace Capstan.Cluster.Tests;

public sealed class ScheduleTests
{
    static JobDefinition Job(string id, int workers = 1, int servers = 0) => new(id, "any", "", "") { Workers = workers, ParameterServers = servers };

    static LiveNode[] Nodes(params string[] names) => [.. names.Select(name => new LiveNode(name, NodeRoles.Both, 1))];

    [Fact]
    public void A_job_begins_when_all_its_members_have_a_place()
    {
        var few = Schedule.Empty.Next([Job("a", 2, 1)], Nodes("n1", "n2"));
        Assert.Empty(few.Placements);
        Assert.Equal("waits for 1 worker", few.Waiting["a"]);
        Assert.Equal([new LackingNode("a", NodeRoles.Worker)], few.Lacking);

        var enough = few.Next([Job("a", 2, 1)], Nodes("n1", "n2", "n3"));
        Assert.Equal(3, enough.Placements["a"].Members().Select(member => member.Node).Distinct().Count());
        Assert.Empty(enough.Lacking);
    }

    [Fact]
    public void What_runs_on_living_nodes_stays_and_the_places_of_dead_ones_are_filled()
    {
        var before = Schedule.Empty.Next([Job("a", 2, 1)], Nodes("n1", "n2", "n3")).Placements["a"];
        var dead = before.Workers[1]!;
        string[] left = [.. Nodes("n1", "n2", "n3").Select(node => node.Name).Where(node => node != dead)];

        var alone = Schedule.Empty.Next([Job("a", 2, 1)], Nodes("n1", "n2", "n3")).Next([Job("a", 2, 1)], Nodes(left));
        Assert.Null(alone.Placements["a"].Workers[1]);
        Assert.Equal(before.Servers, alone.Placements["a"].Servers);
        Assert.Equal([new LackingNode("a", NodeRoles.Worker)], alone.Lacking);

        var healed = alone.Next([Job("a", 2, 1)], Nodes([.. left, "n4"]));
        Assert.Equal("n4", healed.Placements["a"].Workers[1]);
        Assert.Equal(before.Workers[0], healed.Placements["a"].Workers[0]);
    }

    [Fact]
    public void The_coordinator_moves_only_when_its_node_dies()
    {
        var first = Schedule.Empty.Next([Job("a", 2)], Nodes("n1", "n2", "n3"));
        var coordinator = first.Placements["a"].Coordinator;
        Assert.Equal("n3", coordinator); // the node that has no worker
        Assert.Equal(coordinator, first.Next([Job("a", 2)], Nodes("n1", "n2", "n3", "n0")).Placements["a"].Coordinator);
        Assert.NotEqual(coordinator, first.Next([Job("a", 2)], Nodes("n1", "n2")).Placements["a"].Coordinator);
    }

    [Fact]
    public void A_large_job_that_waits_is_not_overtaken()
    {
        var schedule = Schedule.Empty.Next([Job("large", 3), Job("small")], Nodes("n1", "n2"));

        Assert.Empty(schedule.Placements);
        Assert.Equal("waits for 'large', which is before it", schedule.Waiting["small"]);
    }

    [Fact]
    public void A_job_that_is_over_leaves_its_nodes_to_the_next()
    {
        var first = Schedule.Empty.Next([Job("a", 2), Job("b", 2)], Nodes("n1", "n2"));
        Assert.Equal(["a"], first.Placements.Keys);

        Assert.Equal(["b"], first.Next([Job("b", 2)], Nodes("n1", "n2")).Placements.Keys);
    }

    [Fact]
    public void Nodes_of_one_role_are_taken_before_those_of_both()
    {
        LiveNode[] nodes = [new("both", NodeRoles.Both, 1), new("worker", NodeRoles.Worker, 1)];

        var placement = Schedule.Empty.Next([Job("a", 1, 1)], nodes).Placements["a"];

        Assert.Equal(["worker"], placement.Workers);
        Assert.Equal(["both"], placement.Servers);
    }

    /// <summary>Whatever dies and comes: no node has more members than slots, and no member is on a dead node or in two places.</summary>
    [Fact]
    public void Laws_hold_for_any_course_of_deaths_and_arrivals()
    {
        var random = new Random(7);
        var schedule = Schedule.Empty;
        JobDefinition[] jobs = [Job("a", 3, 2), Job("b", 2), Job("c", 1, 1)];
        for (var round = 0; round < 2000; round++)
        {
            LiveNode[] nodes =
            [
                .. Enumerable.Range(0, 8).Where(_ => random.Next(3) > 0)
                    .Select(index => new LiveNode($"n{index}", (NodeRoles)(1 + index % 3), 1 + index % 2)),
            ];
            var before = schedule;
            schedule = schedule.Next(jobs, nodes);
            var members = schedule.Placements.Values.SelectMany(placement => placement.Members()).ToArray();
            foreach (var group in members.GroupBy(member => member.Node))
            {
                var node = Assert.Single(nodes, node => node.Name == group.Key);
                Assert.InRange(group.Count(), 1, node.Slots);
                Assert.All(group, member => Assert.True(node.Roles.HasFlag(member.Part == JobPart.Worker ? NodeRoles.Worker : NodeRoles.ParameterServer)));
            }

            Assert.All(schedule.Placements.Values, placement => Assert.Contains(nodes, node => node.Name == placement.Coordinator));
            if (nodes.Length > 0)
            {
                // Begun is begun: no death takes a job out of the schedule.
                Assert.Subset(schedule.Placements.Keys.ToHashSet(), before.Placements.Keys.ToHashSet());
            }
        }
    }
}
