using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>
/// A gateway with native replicas in processes of their own, and what may happen to them while callers ask. Says what was promised and
/// what was seen: <c>benchmarks/run serving-faults [--long]</c>.
/// </summary>
static class FaultBenchmark
{
    const int Clients = 8;

    public static async Task<IReadOnlyList<FaultRow>> RunAsync(FaultPlan plan, Action<FaultRow> done)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-faults-").FullName;
        try
        {
            var (first, second) = (await WideModel.TrainAsync(folder, 64, 32), await WideModel.TrainAsync(folder, 64, 16));
            var body = WideModel.Request(first, 1);
            string[] artifacts = [Path.Combine(folder, "wide-64-32"), Path.Combine(folder, "wide-64-16")];
            await using var fleet = await FaultFleet.StartAsync(Path.Combine(folder, "home"));
            await fleet.DeployAsync("v1", artifacts[0], 1000);
            var rows = new List<FaultRow>();
            foreach (var fault in (Func<Task<IEnumerable<FaultRow>>>[])
            [
                () => SplitAsync(fleet, body, artifacts, plan), () => BurstsAsync(fleet, body, plan), () => KillsAsync(fleet, body, plan),
                () => SwapsAsync(fleet, body, artifacts, plan), () => RudenessAsync(fleet, body, plan), () => SoakAsync(fleet, body, plan),
            ])
            {
                foreach (var row in await fault())
                {
                    rows.Add(row);
                    done(row);
                }
            }

            return rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<IEnumerable<FaultRow>> SplitAsync(FaultFleet fleet, byte[] body, string[] artifacts, FaultPlan plan)
    {
        await fleet.DeployAsync("v2", artifacts[1], 100);
        var divided = await FaultClients.AskAsync(fleet.Predict, body, Clients, plan.SplitRequests, CancellationToken.None);
        var share = 100.0 * divided.Versions.GetValueOrDefault("v2") / divided.Asked;
        await fleet.RouteAsync(HttpMethod.Post, ":rollback");
        var back = await FaultClients.AskAsync(fleet.Predict, body, Clients, 500, CancellationToken.None);
        await fleet.ToZeroAsync();
        var woken = await FaultClients.AskAsync(fleet.Predict, body, 1, 1, CancellationToken.None);
        return
        [
            new FaultRow(
                $"v2 at 10 % of {plan.SplitRequests:N0} requests", Text($"{share:0.00} %, {divided.FailuresText}"), Text($"10 % ± {plan.SplitPoints}, 0 failures"),
                Math.Abs(share - 10) <= plan.SplitPoints && divided.Failed == 0),
            new FaultRow("rolled back", $"{back.Versions.GetValueOrDefault("v2")} of 500 to v2, {back.FailuresText}", "none to v2, 0 failures",
                back.Versions.GetValueOrDefault("v2") == 0 && back.Failed == 0),
            new FaultRow("one request at zero", Text($"{woken.FailuresText}, answered in {woken.Latencies.Quantile(1).TotalMilliseconds:0} ms"), "answered", woken.Failed == 0),
        ];
    }

    static async Task<IEnumerable<FaultRow>> BurstsAsync(FaultFleet fleet, byte[] body, FaultPlan plan)
    {
        var (failed, slowest) = (0, 0.0);
        for (var burst = 0; burst < plan.Bursts; burst++)
        {
            await fleet.ToZeroAsync();
            var callers = await FaultClients.AskAsync(fleet.Predict, body, 200, 200, CancellationToken.None);
            (failed, slowest) = (failed + callers.Failed, Math.Max(slowest, callers.Latencies.Quantile(1).TotalMilliseconds));
        }

        return [new FaultRow($"0 to 200 clients where there is no replica, {plan.Bursts} times", Text($"{failed} failures, the slowest {slowest:0} ms"), "0 failures", failed == 0)];
    }

    static async Task<IEnumerable<FaultRow>> KillsAsync(FaultFleet fleet, byte[] body, FaultPlan plan)
    {
        await fleet.ScaleAsync(2, 4);
        await fleet.UntilReadyAsync(ready => ready >= 2);
        var kills = 0;
        var callers = await FaultClients.DuringAsync(fleet.Predict, body, Clients, async () =>
        {
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < plan.Kills;)
            {
                await Task.Delay(plan.KillEvery);
                using var victim = Process.GetProcessById(fleet.Replicas()[kills % fleet.Replicas().Count]);
                victim.Kill();
                kills++;
                await fleet.UntilReadyAsync(ready => ready >= 1);
            }
        });
        await fleet.UntilReadyAsync(ready => ready >= 2);
        var rate = (double)callers.Failed / callers.Asked;
        return
        [
            new FaultRow(
                Text($"kill -9 of a replica every {plan.KillEvery.TotalSeconds:0} s for {plan.Kills.TotalMinutes:0.#} min ({kills} kills)"),
                Text($"{rate:P4} of {callers.Asked:N0} requests: {callers.FailuresText}"), "≤ 0.01 %", rate <= 0.0001),
        ];
    }

    static async Task<IEnumerable<FaultRow>> SwapsAsync(FaultFleet fleet, byte[] body, string[] artifacts, FaultPlan plan)
    {
        await fleet.ScaleAsync(1, 1);
        await fleet.UntilReadyAsync(ready => ready == 1);
        var steady = await FaultClients.AskAsync(fleet.Predict, body, Clients, 20_000, CancellationToken.None);
        var after = (Gateway: 0L, Replicas: 0L);
        var newest = "v1";
        var callers = await FaultClients.DuringAsync(fleet.Predict, body, Clients, async () =>
        {
            for (var swap = 1; swap <= plan.Swaps; swap++)
            {
                var next = $"s{swap}";
                await fleet.DeployAsync(next, artifacts[swap % 2], 1000);
                await fleet.RouteAsync(HttpMethod.Post, ":undeploy", new { version = newest });
                newest = next;
                after = swap == 10 ? fleet.Resident() : after;
            }
        });
        var end = fleet.Resident();
        var growth = (double)(end.Gateway + end.Replicas) / (after.Gateway + after.Replicas);
        return
        [
            new FaultRow(
                $"{plan.Swaps:N0} versions one after the other", Text($"{callers.FailuresText} in {callers.Asked:N0}"), "0 failures", callers.Failed == 0),
            new FaultRow("p99 meanwhile", Text($"{callers.P99:0.0} ms, {callers.P99 / steady.P99:0.0} × that of before"), "≤ 1.5 ×", callers.P99 <= 1.5 * steady.P99),
            new FaultRow("memory after them", Text($"{growth:0.00} × that after ten"), "≤ 1.1 ×", growth <= 1.1),
        ];
    }

    static async Task<IEnumerable<FaultRow>> RudenessAsync(FaultFleet fleet, byte[] body, FaultPlan plan)
    {
        var before = fleet.Resident().Gateway;
        long grown;
        int open;
        Callers callers;
        using (var rude = await RudeCallers.OpenAsync(fleet.Predict, body, plan.Connections))
        {
            callers = await FaultClients.AskAsync(fleet.Predict, body, Clients, 20_000, CancellationToken.None);
            (grown, open) = (fleet.Resident().Gateway - before, rude.Count);
        }

        var afterwards = await FaultClients.AskAsync(fleet.Predict, body, Clients, 5_000, CancellationToken.None);
        return
        [
            new FaultRow(
                $"{plan.Connections:N0} idle connections, 50 half-closed, 50 slow writers, 50 that never read",
                Text($"{callers.FailuresText} in {callers.Asked:N0} of others, {afterwards.FailuresText} afterwards, p99 {callers.P99:0.0} ms"), "0 failures",
                callers.Failed + afterwards.Failed == 0),
            new FaultRow("the gateway's memory for each of them", Text($"{grown / 1024.0 / open:0} KiB"), "≤ 64 KiB", grown <= 65_536L * open),
        ];
    }

    static async Task<IEnumerable<FaultRow>> SoakAsync(FaultFleet fleet, byte[] body, FaultPlan plan)
    {
        var (early, late) = (0L, 0L);
        var callers = await FaultClients.DuringAsync(fleet.Predict, body, Clients, async () =>
        {
            await Task.Delay(plan.Soak / 3);
            early = Sum(fleet);
            await Task.Delay(plan.Soak * 2 / 3);
            late = Sum(fleet);
        });
        return
        [
            new FaultRow(
                Text($"load for {plan.Soak.TotalMinutes:0.#} min"),
                Text($"{callers.FailuresText} in {callers.Asked:N0}; memory {late / 1e6:0} MB, {(double)late / early:0.00} × that after a third"),
                "0 failures, ≤ 1.1 ×", callers.Failed == 0 && late <= 1.1 * early),
        ];

        static long Sum(FaultFleet fleet) => fleet.Resident() is var (gateway, replicas) ? gateway + replicas : 0;
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
