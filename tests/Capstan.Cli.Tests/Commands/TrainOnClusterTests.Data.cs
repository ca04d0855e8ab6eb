using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>Work on data by processes: what comes out is what one process makes.</summary>
public sealed partial class TrainOnClusterTests
{
    const string Features =
        """
        { "label": "fare_amount", "features": { "z": "z_score(trip_seconds)", "b": "bucketize(trip_distance, 9)", "v": "vocabulary(vendor_id)",
          "t": "vocabulary(trip_seconds, max_size: 3000)", "e": "target_encode(payment_type, fare_amount)" },
          "estimator": { "kind": "LinearRegressor", "epochs": 1 } }
        """;

    [Fact]
    public Task Two_processes_of_which_one_is_killed_write_the_bytes_of_one() => RepeatedAsync(async longer =>
    {
        await WriteFilesAsync(files: 24, rows: 1500 * longer);
        await File.WriteAllTextAsync(At("p.json"), Features);
        await RunAsync($"transform p.json 'data/*.csv' --keep fare_amount --out alone{longer}.parquet");

        var job = await SubmitAsync($"transform p.json 'data/*.csv' --keep fare_amount --out shared{longer}.parquet --workers 2");
        await UntilAsync("parts are made", async () => Directory.Exists(At($".capstan/jobs/{job}/parts")) || (await JobAsync(job)).IsOver);
        var killed = await KillAsync(job, nodes => [.. nodes.Take(1)]);
        await RunAsync($"cluster {job} --follow");

        Assert.Equal(File.ReadAllBytes(At($"alone{longer}.parquet")), File.ReadAllBytes(At($"shared{longer}.parquet")));
        return killed;
    });

    [Fact]
    public async Task What_two_processes_find_predict_and_measure_is_what_one_does()
    {
        await WriteFilesAsync(files: 6, rows: 500);
        await File.AppendAllTextAsync(At("data/4.csv"), "broken,row\n");
        await RunAsync("train --data data/0.csv data/1.csv --label fare_amount --out alone");
        await RunAsync("train --data data/0.csv data/1.csv --label fare_amount --out shared --workers 2 --quiet");

        string[] lines =
        [
            "describe 'data/*.csv' --on-bad-row skip --json", "predict alone 'data/*.csv' --on-bad-row skip --keep vendor_id",
            "evaluate alone 'data/*.csv' --on-bad-row skip --slice vendor_id --replicates 20 --json", "predict alone 'data/*.csv' --on-bad-row skip --out OUT.jsonl --json",
        ];
        foreach (var line in lines)
        {
            Assert.Equal(
                (await RunAsync(line.Replace("OUT", "one"))).Replace("one.jsonl", ""),
                (await RunAsync($"{line.Replace("OUT", "two")} --workers 2")).Replace("two.jsonl", ""));
        }

        Assert.Equal(File.ReadAllBytes(At("one.jsonl")), File.ReadAllBytes(At("two.jsonl")));
        Assert.Equal(
            (await AskAsync("show", At("alone"))).GetProperty("hash").GetString(), (await AskAsync("show", At("shared"))).GetProperty("hash").GetString());
    }

    [Fact]
    public async Task What_only_one_process_can_do_with_data_is_refused_with_workers()
    {
        await File.WriteAllTextAsync(At("trips.csv"), "a,b\n1,2\n3,4\n");
        string[] line = ["describe", At("trips.csv"), "--workers"];

        Assert.Contains("must be 1 or more", await RefuseAsync(ExitCodes.Usage, [.. line, "0"]));
        Assert.Contains("--associations is for one machine", await RefuseAsync(ExitCodes.Usage, [.. line, "2", "--associations"]));
        Assert.Contains("with --workers it is fail, skip or null", await RefuseAsync(ExitCodes.Usage, [.. line, "2", "--on-bad-row", "quarantine:q"]));
        Assert.Contains("--detach leaves nobody", await RefuseAsync(ExitCodes.Usage, [.. line, "2", "--detach"]));
    }

    async Task WriteFilesAsync(int files, int rows)
    {
        if (Directory.Exists(At("data")))
        {
            Directory.Delete(At("data"), recursive: true);
        }

        Directory.CreateDirectory(At("data"));
        for (var file = 0; file < files; file++)
        {
            await DoAsync("simulate", "trips", "--rows", $"{rows}", "--seed", $"{file + 1}", At($"data/{file}.csv"));
        }
    }
}
