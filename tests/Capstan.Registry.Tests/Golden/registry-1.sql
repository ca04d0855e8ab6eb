-- A registry as version 1 made it, with something in it. Never changed: such databases are in the field.
create table registry (version bigint not null);
insert into registry values (1);
create table resources (
    sequence integer primary key autoincrement, name text not null unique, kind text not null, parent text not null, project text not null,
    revision bigint not null, state text not null, body text not null);
create index resources_by_parent on resources (parent, kind, name);
create index resources_by_age on resources (parent, kind, sequence);
create table work (
    sequence integer primary key autoincrement, name text not null unique, kind text not null, project text not null, priority bigint not null,
    enqueued_at bigint not null, holder text, lease_ends bigint, attempts bigint not null);
create index work_by_kind on work (kind, holder);
create table log_lines (sequence integer primary key autoincrement, source text not null, project text not null, logged_at bigint not null, severity text not null, replica text not null, line text not null);
create index log_lines_by_source on log_lines (source, sequence);
create table policies (resource text primary key, revision bigint not null, body text not null);
create table api_keys (id text primary key, hash text not null unique, member text not null, created_at bigint not null, expires_at bigint, revoked_at bigint);
create table audit (sequence integer primary key autoincrement, at bigint not null, member text not null, method text not null, resource text not null, outcome text not null);
insert into resources values (1, 'projects/p/models/trips', 'model', 'projects/p', 'p', 3, '', '{"description":"kept"}');
insert into work values (1, 'projects/p/jobs/j', 'job', 'p', 0, 1764000000000, null, null, 0);
