using System.Data.Common;
using System.Text.Json.Nodes;

namespace Capstan.Registry;

/// <summary>In which order a collection is listed.</summary>
public enum ResourceOrder
{
    ByName,

    /// <summary>The latest created first.</summary>
    NewestFirst,
}

/// <summary>Resources by name and by parent.</summary>
public readonly struct ResourceTable
{
    const string Columns = "sequence, name, kind, parent, revision, state, body";

    /// <summary>Fills the table of labels, which holds nothing that bodies don't.</summary>
    internal const string LabelEverything =
        "insert into resource_labels (parent, kind, label, value, resource) " +
        "select resources.parent, resources.kind, found.key, found.value, resources.sequence from resources, {labels}";

    readonly RegistrySession _session;

    internal ResourceTable(RegistrySession session) => _session = session;

    public async Task<Resource?> FindAsync(string name, CancellationToken cancellationToken) => (await _session.QueryAsync(
        $"select {Columns} from resources where name = @name", Read, cancellationToken, ("@name", name))).SingleOrDefault();

    /// <summary>The same, and no other transaction changes it before this one ends.</summary>
    public async Task<Resource?> FindForUpdateAsync(string name, CancellationToken cancellationToken) =>
        (await _session.QueryAsync(
        $"select {Columns} from resources where name = @name{_session.Database.ForUpdate}", Read, cancellationToken,
        ("@name", name)))
        .SingleOrDefault();

    /// <summary>A part of a collection.</summary>
    /// <param name="after">The last of the part before; null for the first part.</param>
    public Task<List<Resource>> ListAsync(
        string parent, string kind, ResourceOrder order, Resource? after, ResourceFilter filter, int limit,
        CancellationToken cancellationToken) =>
        ListAsync(parent, kind, order, after is null ? null : order == ResourceOrder.ByName ? after.Name : after.Sequence, filter,
            limit, cancellationToken);

    /// <summary>A part of a collection, beginning after a name or a sequence number.</summary>
    public Task<List<Resource>> ListAsync(
        string parent, string kind, ResourceOrder order, object? after, ResourceFilter filter, int limit,
        CancellationToken cancellationToken)
    {
        var (column, direction, beyond) = order == ResourceOrder.ByName ? ("name", "", ">") : ("sequence", " desc", "<");
        List<string> conditions = ["parent = @parent", "kind = @kind"];
        List<(string, object?)> values = [("@parent", parent), ("@kind", kind)];
        void Require(string condition, string name, object value)
        {
            conditions.Add(condition);
            values.Add((name, value));
        }

        if (after is not null)
        {
            Require($"{column} {beyond} @after", "@after", after);
        }

        if (filter.State is { } state)
        {
            Require("state = @state", "@state", state);
        }

        if (filter.NameBeginning is { } beginning)
        {
            // Names consist of characters before the last of ASCII.
            Require($"name{_session.Database.ByBytes} >= @low", "@low", beginning);
            Require($"name{_session.Database.ByBytes} < @high", "@high", beginning + '\u007f');
        }

        foreach (var (index, (label, value)) in filter.Labels.Index())
        {
            Require(
                "sequence in (select resource from resource_labels where parent = @parent and kind = @kind " +
                    $"and label = @label{index} and value = @value{index})",
                $"@label{index}", label);
            values.Add(($"@value{index}", value));
        }

        var where = string.Join(" and ", conditions);
        return _session.QueryAsync(
            $"select {Columns} from resources where {where} order by {column}{direction} limit {limit}", Read, cancellationToken,
            [.. values]);
    }

    public Task<long> CountAsync(string parent, string kind, CancellationToken cancellationToken) => _session.CountAsync(
        "select count(*) from resources where parent = @parent and kind = @kind", cancellationToken, ("@parent", parent),
        ("@kind", kind));

    /// <summary>How many there are of a kind in a project and in one state, whatever their parents.</summary>
    public Task<long> CountInProjectAsync(string project, string kind, string? state, CancellationToken cancellationToken) =>
        state is null
        ? _session.CountAsync(
            "select count(*) from resources where project = @project and kind = @kind", cancellationToken, ("@project", project),
            ("@kind", kind))
        : _session.CountAsync(
            "select count(*) from resources where project = @project and kind = @kind and state = @state", cancellationToken,
            ("@project", project), ("@kind", kind), ("@state", state));

    /// <summary>Counts by kind and state, for metrics.</summary>
    public Task<List<(string Kind, string State, long Count)>> CountsAsync(CancellationToken cancellationToken) =>
        _session.QueryAsync(
        "select kind, state, count(*) from resources group by kind, state order by kind, state",
        row => (row.GetString(0), row.GetString(1), row.GetInt64(2)), cancellationToken);

    /// <summary>The names of all projects that have anything.</summary>
    public Task<List<string>> ProjectsAsync(CancellationToken cancellationToken) => _session.QueryAsync(
        "select distinct project from resources order by project", row => row.GetString(0), cancellationToken);

    /// <summary>Stores something new.</summary>
    /// <returns>False: there is one of this name, and it is left as it is.</returns>
    public async Task<bool> TryInsertAsync(Resource resource, CancellationToken cancellationToken)
    {
        var inserted = await _session.ExecuteAsync(
            "insert into resources (name, kind, parent, project, revision, state, body) " +
                "values (@name, @kind, @parent, @project, 1, @state, @body) " +
            "on conflict (name) do nothing",
            cancellationToken, ("@name", resource.Name), ("@kind", resource.Kind), ("@parent", resource.Parent),
            ("@project", resource.Project),
            ("@state", resource.State), ("@body", resource.Body.ToJsonString())) == 1;
        if (inserted && LabelsOf(resource) is { Count: > 0 })
        {
            await AddLabelsAsync(resource, cancellationToken);
        }

        return inserted;
    }

    /// <summary>Stores a change of what was read at <see cref="Resource.Revision"/>.</summary>
    /// <returns>The resource at its next revision; null: somebody else changed or deleted it since.</returns>
    public async Task<Resource?> TryUpdateAsync(Resource resource, CancellationToken cancellationToken)
    {
        if (await _session.ExecuteAsync(
            "update resources set revision = revision + 1, state = @state, body = @body " +
                "where name = @name and revision = @revision",
            cancellationToken, ("@name", resource.Name), ("@revision", resource.Revision), ("@state", resource.State),
            ("@body", resource.Body.ToJsonString())) != 1)
        {
            return null;
        }

        await _session.ExecuteAsync(
            "delete from resource_labels where resource = (select sequence from resources where name = @name)", cancellationToken,
            ("@name", resource.Name));
        if (LabelsOf(resource) is { Count: > 0 })
        {
            await AddLabelsAsync(resource, cancellationToken);
        }

        return resource with { Revision = resource.Revision + 1 };
    }

    /// <returns>False: there was none.</returns>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken) =>
        await _session.ExecuteAsync("delete from resources where name = @name", cancellationToken, ("@name", name)) == 1;

    static JsonObject? LabelsOf(Resource resource) => resource.Body["labels"] as JsonObject;

    async Task AddLabelsAsync(Resource resource, CancellationToken cancellationToken)
    {
        foreach (var (label, value) in LabelsOf(resource)!) // asked for before
        {
            await _session.ExecuteAsync(
                "insert into resource_labels (parent, kind, label, value, resource) " +
                    "select parent, kind, @label, @value, sequence from resources where name = @name",
                cancellationToken, ("@name", resource.Name), ("@label", label), ("@value", $"{value}"));
        }
    }

    static Resource Read(DbDataReader row) => new(
        row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(5),
        JsonNode.Parse(row.GetString(6))!.AsObject()) // written from one
    {
        Sequence = row.GetInt64(0), Revision = row.GetInt64(4),
    };
}
