using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.Registry;

namespace Capstan.Service.Tests.Hosting;

public sealed class OperationTests
{
    [Fact]
    public async Task With_a_certificate_the_server_speaks_HTTPS()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await using var service = await RunningService.StartAsync(options => options with { Certificate = certificate });
        Assert.Equal("https", service.Server.Url.Scheme);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, found, _, _) => found?.GetCertHashString() == certificate.GetCertHashString(),
            },
        };
        using var http = new HttpClient(handler);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(service.Server.Url, "healthz"))).StatusCode);
    }

    [Fact]
    public async Task A_data_folder_is_one_servers_and_the_next_one_is_the_same_to_others()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-folder-");
        await using (var service = await RunningService.StartAsync(folder: folder.FullName))
        {
            var refusal = await Assert.ThrowsAsync<ServiceSetupException>(() => RunningService.StartAsync(folder: folder.FullName));
            Assert.Contains("another server's", refusal.Message);
            Assert.Equal(service.Server.Url, ServiceServer.FindUrl(folder.FullName));
        }

        var id = File.ReadAllText(Path.Combine(folder.FullName, "server.id"));
        await using (await RunningService.StartAsync(folder: folder.FullName))
        {
            Assert.Equal(id, File.ReadAllText(Path.Combine(folder.FullName, "server.id")));
        }

        folder.Remove();
    }

    [Fact]
    public async Task Stored_artifacts_are_read_again_and_damage_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-verify-");
        await using var database = await RegistryDatabase.OpenAsync(Path.Combine(folder.FullName, "registry.db"), CancellationToken.None);
        var store = new FolderStore(Path.Combine(folder.FullName, "store"));
        var copies = new ArtifactCopies(store);
        var clock = new Clock();
        FileToCopy[] files = [new("a", 1, _ => Task.FromResult<Stream>(new MemoryStream([1])))];
        var copy = await copies.CopyAsync(files, 10, clock.GetUtcNow(), _ => Task.CompletedTask, CancellationToken.None);
        await database.WriteAsync(async session =>
        {
            await session.Artifacts.ClaimAsync(copy, CancellationToken.None);
            await session.Resources.TryInsertAsync(new Resource("projects/p/models/m/versions/v", "version", "projects/p/models/m", "READY", []), CancellationToken.None);
            await session.Lineage.AddAsync([new("projects/p/models/m/versions/v", "served-from", $"artifact:{copy.Hash}")], CancellationToken.None);
        }, CancellationToken.None);
        var engine = new Engine(database, store, copies, clock, new ServiceOptions { DataFolder = folder.FullName }, "test");
        var verification = new ArtifactVerification(engine);
        Task<ArtifactRecord?> FindAsync() => database.ReadAsync(session => session.Artifacts.FindAsync(copy.Hash, CancellationToken.None), CancellationToken.None);

        Assert.False(await verification.VerifyNextAsync(CancellationToken.None));
        clock.Advance(TimeSpan.FromDays(2));
        Assert.True(await verification.VerifyNextAsync(CancellationToken.None));
        Assert.Equal((clock.GetUtcNow(), null), ((await FindAsync())!.VerifiedAt, (await FindAsync())!.Damage));
        await store.WriteAsync($"artifacts/{copy.Hash}/a", new MemoryStream([2]), CancellationToken.None);
        clock.Advance(TimeSpan.FromDays(2));
        Assert.True(await verification.VerifyNextAsync(CancellationToken.None));
        Assert.Contains("a does not have the SHA-256", (await FindAsync())!.Damage);

        // The project is told, and told again when it is mended.
        Task<Resource?> AlertAsync() => database.ReadAsync(session =>
            session.Resources.FindAsync($"projects/p/alerts/damaged_{copy.Hash[..12]}", CancellationToken.None), CancellationToken.None);
        Assert.Equal(("OPEN", "projects/p/models/m/versions/v"), ((await AlertAsync())!.State, $"{(await AlertAsync())!.Body["resource"]}"));
        await store.WriteAsync($"artifacts/{copy.Hash}/a", new MemoryStream([1]), CancellationToken.None);
        clock.Advance(TimeSpan.FromDays(2));
        Assert.True(await verification.VerifyNextAsync(CancellationToken.None));
        Assert.Equal("RESOLVED", (await AlertAsync())!.State);
        await database.DisposeAsync();
        folder.Remove();
    }

    [Fact]
    public async Task Copies_that_no_version_has_are_removed_and_made_anew_and_others_stay()
    {
        await using var service = await RunningService.StartAsync();
        await service.WithModelAsync("p");
        await service.WithVersionAsync("p", "v2");
        await using var database = await RegistryDatabase.OpenAsync(service.At("registry.db"), CancellationToken.None);
        var store = new FolderStore(service.At("store"));
        var clock = new Clock();
        var engine = new Engine(database, store, new ArtifactCopies(store), clock, new ServiceOptions { DataFolder = service.Folder }, "other");
        var collection = new ArtifactCollection(engine);
        string[] Files() => Directory.GetFiles(service.At("store/artifacts"), "*", SearchOption.AllDirectories);
        async Task<bool> CollectAsync()
        {
            Assert.False(await collection.CollectNextAsync(CancellationToken.None)); // marked at most
            clock.Advance(TimeSpan.FromDays(2));
            return await collection.CollectNextAsync(CancellationToken.None);
        }

        await service.DoAsync("DELETE", "/v1/projects/p/models/trips/versions/v2");
        Assert.False(await CollectAsync()); // v1 is the same bytes
        await service.DoAsync("DELETE", "/v1/projects/p/models/trips/versions/v1");
        Assert.True(await CollectAsync());
        Assert.Empty(Files());
        await service.WithVersionAsync("p", "v3");
        Assert.NotEmpty(Files());
        await service.DoAsync("POST", "/v1/projects/p/models/trips:predict", $$"""{"instances":[{{TripsModel.Instance}}]}""");
        Assert.False(await CollectAsync());
    }

    [Fact]
    public async Task Callers_that_send_slowly_or_nothing_do_not_keep_others_waiting()
    {
        await using var service = await RunningService.StartAsync();
        var idle = new List<TcpClient>();
        for (var index = 0; index < 200; index++)
        {
            var client = new TcpClient("127.0.0.1", service.Server.Url.Port);
            idle.Add(client);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v1/projects/p/models HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"));
        }

        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"m"}""");
        idle.ForEach(client => client.Dispose());
    }

    sealed class Clock : TimeProvider
    {
        DateTimeOffset _now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }
}
