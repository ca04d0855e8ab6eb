namespace Capstan.Registry;

/// <summary>
/// The tables, as steps from the first release to this one. A database says which steps it has; the others are done in order,
/// each release's in one transaction. A step is never changed once it was released: databases in the field have it.
/// </summary>
static class Migrations
{
    // Times are milliseconds since 1970 in UTC.
    static readonly string[][] Steps =
    [
        [
            """
            create table resources (
                sequence {identity}, name text not null unique, kind text not null, parent text not null, project text not null,
                revision bigint not null, state text not null, body text not null)
            """,
            "create index resources_by_parent on resources (parent, kind, name)",
            "create index resources_by_age on resources (parent, kind, sequence)",
            """
            create table work (
                sequence {identity}, name text not null unique, kind text not null, project text not null, priority bigint not null,
                enqueued_at bigint not null, holder text, lease_ends bigint, attempts bigint not null)
            """,
            "create index work_by_kind on work (kind, holder)",
            "create table log_lines (sequence {identity}, source text not null, project text not null, logged_at bigint not " +
                "null, severity text not null, replica text not null, line text not null)",
            "create index log_lines_by_source on log_lines (source, sequence)",
            "create table policies (resource text primary key, revision bigint not null, body text not null)",
            "create table api_keys (id text primary key, hash text not null unique, member text not null, created_at bigint " +
                "not null, expires_at bigint, revoked_at bigint)",
            "create table audit (sequence {identity}, at bigint not null, member text not null, method text not null, resource " +
                "text not null, outcome text not null)",
        ],
        [
            "create table lineage (origin text not null, relation text not null, target text not null, primary key (origin, " +
                "relation, target))",
            "create index lineage_by_target on lineage (target)",
            "create table artifacts (hash text primary key, files bigint not null, bytes bigint not null, created_at bigint " +
                "not null, verified_at bigint, damage text)",
        ],
        [
            "create table route_generation (id bigint primary key, generation bigint not null)",
            "create table routes (model text primary key, body text not null)",
            "create table outcomes (sequence {identity}, model text not null, body text not null)",
            "create index outcomes_by_model on outcomes (model, sequence)",
            "create table questions (sequence {identity}, id text not null unique, asker text not null, subject text not null, " +
                "body text not null, asked_at bigint not null, answer text)",
            "create table front_doors (holder text primary key, seen_at bigint not null, body text not null)",
        ],
        [
            // Filters of lists by state and label, counts for quotas and metrics, and an audit by resource, without reading all.
            "create index resources_by_state on resources (parent, kind, state, sequence)",
            "create index resources_by_project on resources (project, kind, state)",
            "create index audit_by_resource on audit (resource, sequence)",
            """
            create table resource_labels (
                parent text not null, kind text not null, label text not null, value text not null,
                resource bigint not null references resources (sequence) on delete cascade,
                primary key (parent, kind, label, value, resource))
            """,
            "create index resource_labels_by_resource on resource_labels (resource)",
            ResourceTable.LabelEverything,

            // Since when no version has a copy (decision 0333).
            "alter table artifacts add column unused_since bigint",
        ],
    ];

    public static int Latest => Steps.Length;

    public static async Task ApplyAsync(RegistrySession session, CancellationToken cancellationToken)
    {
        if (session.Database is PostgreSqlDatabase)
        {
            // Two servers that start together: the second waits here and finds everything done.
            await session.ExecuteAsync("select pg_advisory_xact_lock(4842026)", cancellationToken);
            await session.ExecuteAsync("create schema if not exists capstan", cancellationToken);
        }

        await session.ExecuteAsync("create table if not exists registry (version bigint not null)", cancellationToken);
        var found = await session.CountAsync("select max(version) from registry", cancellationToken);
        if (found > Latest)
        {
            throw new RegistryUnavailableException(session.Database.Place, new InvalidDataException(
                $"its tables are of version {found}, and this release knows {Latest}."));
        }

        for (var version = (int)found; version < Latest; version++)
        {
            foreach (var statement in Steps[version])
            {
                await session.ExecuteAsync(session.Database.Dialect(statement), cancellationToken);
            }

            await session.ExecuteAsync("insert into registry (version) values (@version)", cancellationToken,
                ("@version", (long)version + 1));
        }
    }
}
