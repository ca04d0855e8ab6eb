using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Capstan.Registry.Tests.Databases;

/// <summary>Databases that earlier releases made are opened, with all that is in them.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task A_database_of_version_1_is_brought_up_and_keeps_its_content()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-migration-");
        var path = Path.Combine(folder.FullName, "registry.db");
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = File.ReadAllText(GoldenPath("registry-1.sql"));
            await command.ExecuteNonQueryAsync();
        }

        await using (var database = await RegistryDatabase.OpenAsync(path, CancellationToken.None))
        {
            await database.ReadAsync(async session =>
            {
                var model = await session.Resources.FindAsync("projects/p/models/trips", CancellationToken.None);
                Assert.Equal(("kept", 3), ((string?)model!.Body["description"], model.Revision));
                Assert.Equal("projects/p/jobs/j", Assert.Single(await session.Work.ListAsync("job", CancellationToken.None)).Name);
                Assert.Empty(await session.Lineage.FromAsync("projects/p/models/trips", CancellationToken.None));
                Assert.Equal(Migrations.Latest, await session.CountAsync("select max(version) from registry", CancellationToken.None));
                return true;
            }, CancellationToken.None);
        }

        folder.Delete(recursive: true);
    }

    /// <summary>The file of a server of version 2: a model with a version, a job, a policy and a key.</summary>
    [Fact]
    public async Task A_database_of_version_2_is_brought_up_and_its_labels_are_found()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-migration-");
        var path = Path.Combine(folder.FullName, "registry.db");
        File.Copy(GoldenPath("registry-2.db"), path);
        await using (var database = await RegistryDatabase.OpenAsync(path, CancellationToken.None))
        {
            await database.ReadAsync(async session =>
            {
                Task<List<Resource>> ListAsync(string kind, params (string, string)[] labels) => session.Resources.ListAsync(
                    "projects/p", kind, ResourceOrder.ByName, (object?)null, new ResourceFilter { Labels = labels }, 9, CancellationToken.None);
                var model = Assert.Single(await ListAsync("model", ("team", "rides"), ("stage", "live")));
                Assert.Equal(("projects/p/models/trips", "kept"), (model.Name, (string?)model.Body["description"]));
                Assert.Empty(await ListAsync("model", ("team", "rides"), ("stage", "draft")));
                Assert.Equal("projects/p/jobs/j", Assert.Single(await ListAsync("job", ("team", "rides"))).Name);
                Assert.Equal("READY", (await session.Resources.FindAsync("projects/p/models/trips/versions/v1", CancellationToken.None))!.State);
                Assert.Contains(await session.Lineage.FromAsync("projects/p/models/trips/versions/v1", CancellationToken.None), edge => edge.Relation == "trained-on");
                Assert.Equal("serviceAccount:app", Assert.Single(await session.Access.KeysAsync(CancellationToken.None)).Member);
                Assert.Equal(2, (await session.Access.PolicyAsync("projects/p", CancellationToken.None)).Revision);
                Assert.Equal(Migrations.Latest, await session.CountAsync("select max(version) from registry", CancellationToken.None));
                return true;
            }, CancellationToken.None);
        }

        folder.Delete(recursive: true);
    }

    static string GoldenPath(string name, [CallerFilePath] string caller = "") =>
        Path.Combine(Path.GetDirectoryName(caller)!, "..", "Golden", name);
}
