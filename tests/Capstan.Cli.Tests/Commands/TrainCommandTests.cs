using Capstan.Cli.Tests.Frame;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class TrainCommandTests
{
    [Fact]
    public async Task A_pipeline_written_by_init_trains_the_same_model_as_the_label_alone()
    {
        using var place = await WithTripsAsync();
        await DoAsync("init", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("p.json"));
        var written = await AskAsync("train", place.At("p.json"), "--data", place.At("trips.csv"), "--out", place.At("a"));
        var chosen = await AskAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("b"));
        Assert.Equal(written.GetProperty("hash").GetString(), chosen.GetProperty("hash").GetString());
        Assert.Equal(2000, written.GetProperty("trainingRows").GetInt64() + written.GetProperty("validationRows").GetInt64());
        Assert.InRange(written.GetProperty("validation").GetProperty("rmse").GetDouble(), 0.01, 5);
    }

    [Fact]
    public async Task Warnings_are_told_to_people_and_programs_and_curves_are_written()
    {
        using var place = new Workplace();
        var file = place.Write("rows.csv", Enumerable.Range(0, 400).Select(row => $"{row % 7},{row % 2},{(row % 2 == 1 ? "yes" : "no")}").Prepend("x,told,late"));
        string[] train = ["train", "--data", file, "--label", "late", "--tensorboard", place.At("run"), "--out", place.At("m"), "--overwrite"];
        Assert.Contains("Warning: feature 'told", (await DoAsync(train)).Error);
        var warning = (await AskAsync(train)).GetProperty("warnings")[0];
        Assert.Equal("Leak", warning.GetProperty("kind").GetString());
        Assert.Contains("alone predicts the label", warning.GetProperty("text").GetString());
        Assert.Equal(2, Directory.GetFiles(place.At("run"), "events.out.tfevents.*").Length);
    }

    [Fact]
    public async Task The_seed_changes_the_model_and_the_same_seed_does_not()
    {
        using var place = await WithTripsAsync(500);
        var hashes = new List<string?>();
        foreach (var seed in (string[])["5", "5", "6"])
        {
            var found = await AskAsync(
                "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m"), "--overwrite", "--seed", seed);
            hashes.Add(found.GetProperty("hash").GetString());
        }

        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public async Task People_are_told_what_was_done_and_what_to_do_next()
    {
        using var place = await WithTripsAsync(500);
        var terminal = await DoAsync(
            "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m"), "--evaluate", place.At("trips.csv"));
        Assert.Contains("LinearRegressor of fare_amount", terminal.Output);
        Assert.Contains("evaluation  regression, 500 rows", terminal.Output);
        Assert.Contains($"saved       {place.At("m")}", terminal.Output);
        Assert.Contains("learning: done", terminal.Error);
        Assert.Contains($"capstan serve {place.At("m")}", terminal.Error);
    }

    [Theory]
    [InlineData("LinearClassifier", "more than two values")]
    [InlineData("nonsense", "expected one of linear, dnn")]
    public async Task An_estimator_that_does_not_suit_is_refused(string estimator, string expected)
    {
        using var place = await WithTripsAsync(300);
        var terminal = new CapturedTerminal();
        Assert.NotEqual(ExitCodes.Ok, await terminal.RunAsync(
            "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--estimator", estimator, "--out", place.At("m")));
        Assert.Contains(expected, terminal.Error);
    }

    [Fact]
    public async Task A_failed_training_leaves_nothing_behind()
    {
        using var place = await WithTripsAsync(300);
        var constant = place.Write("constant.csv", ["x,y", .. Enumerable.Range(0, 50).Select(row => $"{row},7")]);
        var broken = place.Write("broken.csv", ["x,y", .. Enumerable.Range(0, 50).Select(row => row == 40 ? "1" : $"{row},{row % 3}")]);
        var before = place.Entries.ToArray();
        var out1 = place.At("models/m");
        Assert.Contains("same value 7", await RefuseAsync(ExitCodes.BadData, "train", "--data", constant, "--label", "y", "--out", out1));
        Assert.Contains("same value 7", await RefuseAsync(
            ExitCodes.BadData, "train", "--data", constant, "--label", "y", "--estimator", "LinearRegressor", "--out", out1));
        Assert.Contains("line 42", await RefuseAsync(ExitCodes.BadData, "train", "--data", broken, "--label", "y", "--out", out1));
        Assert.Contains("no column 'nope'", await RefuseAsync(ExitCodes.BadData, "train", "--data", place.At("trips.csv"), "--label", "nope", "--out", out1));
        Assert.Contains("none.csv", await RefuseAsync(
            ExitCodes.BadData, "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--evaluate", place.At("none.csv"), "--out", out1));
        Assert.Equal(before, place.Entries);
    }

    [Fact]
    public async Task A_cancelled_training_leaves_nothing_behind()
    {
        using var place = await WithTripsAsync(300);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var terminal = new CapturedTerminal();
        string[] words = ["train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m")];
        Assert.Equal(ExitCodes.Cancelled, await CommandLine.RunAsync(CommandLine.Commands, words, terminal.Terminal, source.Token));
        Assert.Equal(["trips.csv"], place.Entries);
    }

    [Fact]
    public async Task A_broken_row_goes_into_quarantine_once_and_is_counted()
    {
        using var place = await WithTripsAsync(500);
        File.AppendAllText(place.At("trips.csv"), "2024-01-01 00:00:00,-74\n");
        var found = await AskAsync(
            "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m"), "--on-bad-row", $"quarantine:{place.At("q.csv")}");
        Assert.Equal(1, found.GetProperty("rowsLeftOut").GetInt64());
        Assert.Equal("2024-01-01 00:00:00,-74\n", File.ReadAllText(place.At("q.csv")));
    }

    [Fact]
    public async Task A_condition_chooses_the_rows_to_learn_from()
    {
        using var place = await WithTripsAsync(500);
        var found = await AskAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m"), "--where", "trip_distance > 5");
        Assert.InRange(found.GetProperty("trainingRows").GetInt64(), 50, 250);
    }

    [Fact]
    public async Task A_condition_that_no_row_meets_leaves_nothing_to_learn_from()
    {
        using var place = await WithTripsAsync(300);
        string[] words = ["train", "--data", place.At("trips.csv"), "--where", "trip_distance > 1000", "--label", "fare_amount", "--out", place.At("m")];
        Assert.Contains("there are no rows to learn from", await RefuseAsync(ExitCodes.BadData, words));
        Assert.Contains("there are no rows to learn from", await RefuseAsync(ExitCodes.BadData, [.. words, "--estimator", "LinearRegressor"]));
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_written_is_a_clear_failure()
    {
        using var place = await WithTripsAsync(300);
        place.Write("file", "in the way");
        Assert.Contains("can't be written", await RefuseAsync(
            ExitCodes.Failure, "train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("file/m")));
    }

    [Fact]
    public async Task A_negative_weight_is_the_pipelines_mistake()
    {
        using var place = await WithTripsAsync(300);
        var pipeline = place.Write("p.json", """{"label": "fare_amount", "weight": "0 - trip_distance", "estimator": {"kind": "LinearRegressor"}}""");
        Assert.Contains("weights are 0 or more", await RefuseAsync(
            ExitCodes.Usage, "train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("m")));
    }

    [Fact]
    public async Task Lines_that_ask_for_nothing_or_for_two_things_are_usage_errors()
    {
        using var place = await WithTripsAsync(300);
        var data = place.At("trips.csv");
        Assert.Contains("--label", await RefuseAsync(ExitCodes.Usage, "train", "--data", data));
        Assert.Contains("no pipeline file", await RefuseAsync(ExitCodes.Usage, "train", place.At("p.json"), "--data", data));
        Assert.Contains("stand in the pipeline", await RefuseAsync(ExitCodes.Usage, "train", place.At("p.json"), "--data", data, "--label", "x"));
        Assert.Contains("can't stand in a URL", await RefuseAsync(ExitCodes.Usage, "train", "--data", data, "--label", "fare_amount", "--name", "a/b"));
        var pipeline = place.Write("p.json", """{"label": "fare_amount", "estimator": {"epochs": 0}}""");
        Assert.Contains("estimator.epochs: found 0", await RefuseAsync(ExitCodes.Usage, "train", pipeline, "--data", data));
    }

    [Fact]
    public async Task A_model_is_replaced_only_when_told_to_and_anything_else_never()
    {
        using var place = await WithTripsAsync(300);
        string[] words = ["train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("m")];
        Directory.CreateDirectory(place.At("m"));
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Failure, words));
        Assert.Contains("is no model", await RefuseAsync(ExitCodes.Failure, [.. words, "--overwrite"]));
        Directory.Delete(place.At("m"));
        await DoAsync(words);
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Failure, words));
        await DoAsync([.. words, "--overwrite"]);
    }
}
