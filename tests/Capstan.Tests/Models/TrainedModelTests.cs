using Capstan.Data;
using Capstan.Models;

namespace Capstan.Tests;

public sealed class TrainedModelTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Test = Trips.Make(1500, seed: 2);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static Task<TrainedModel> Fit(EstimatorKind kind) => new PipelineTraining(
        new Pipeline { Label = kind is EstimatorKind.DnnRegressor ? "Fare" : "Late", Estimator = new EstimatorDefinition { Kind = kind, Epochs = 2 } }, TimeProvider.System, null)
        .RunAsync(Dataset.From(Trips.Make(2000)), Ct);

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier)]
    [InlineData(EstimatorKind.DnnClassifier)]
    [InlineData(EstimatorKind.DnnRegressor)]
    public async Task Batches_single_rows_and_the_saved_model_predict_the_same_bits(EstimatorKind kind)
    {
        var model = await Fit(kind);
        model.Save(_folder["model"]);
        var loaded = TrainedModel.Load(_folder["model"]);
        Assert.Equal(("model", model.Hash), (loaded.Name, loaded.Hash));
        var batch = await model.PredictAsync(Test, Ct);
        Assert.Equal(Test.Length, batch.Length);
        Assert.Equal(batch, await loaded.PredictAsync(Test, Ct));
        Assert.Equal(batch, await One(loaded));
        if (kind == EstimatorKind.DnnRegressor)
        {
            return;
        }

        // Evaluation saw the same scores: its AUC is that of these predictions.
        var evaluation = await model.EvaluateAsync(Dataset.From(Test), Ct);
        Assert.Equal(Auc(Test.Select(trip => trip.Late).ToArray(), batch), evaluation["auc"]!.Value, 12);
        Assert.Equal(evaluation.ToString(), (await loaded.EvaluateAsync(Dataset.From(Test), Ct)).ToString());
    }

    [Fact]
    public async Task Predictions_features_and_metrics_do_not_depend_on_the_number_of_threads()
    {
        var model = await Fit(EstimatorKind.LinearClassifier);
        string[] files = [.. Enumerable.Range(0, 5).Select(part => Trips.Make(2000 * part + 100, part + 10).WriteCsv(_folder[$"{part}.csv"]))];
        var trips = Dataset.Read(files);
        var one = await Outcome(1);
        Assert.Equal(one, await Outcome(2));
        Assert.Equal(one, await Outcome(7));

        async Task<string> Outcome(int threads)
        {
            var predictions = new List<string>();
            await foreach (var batch in model.PredictAsync(trips, ["Key", "Fare", "Night", "Pickup"], threads, Ct))
            {
                for (var row = 0; row < batch.Rows.RowCount; row++)
                {
                    predictions.Add(string.Join('|', batch.Rows.Columns.Select(column => column.ValueAt(row)).Append(batch.Predictions.Span[row])));
                }
            }

            Assert.Equal(20_500, predictions.Count);
            var features = model.Features(trips, "Key", "Late");
            await features.SaveAsync(_folder["features.parquet"], null, threads, Ct);
            await features.SaveAsync(_folder["features.csv"], null, threads, Ct);
            string[] hashes =
            [
                .. ((string[])["features.parquet", "features.csv"])
                    .Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder[file])))),
            ];
            return $"{await model.EvaluateAsync(trips, threads, Ct)}\n{string.Join(' ', hashes)}\n{string.Join('\n', predictions)}";
        }
    }

    [Fact]
    public async Task Integers_may_stand_where_the_model_learned_from_numbers()
    {
        var model = await Fit(EstimatorKind.LinearClassifier);
        var whole = Test.Select(trip => new { Distance = (int)trip.Distance, trip.Riders, trip.Vendor, trip.Night, trip.Pickup, trip.Fare }).ToArray();
        var numbers = Test.Select(trip => new { Distance = Math.Floor(trip.Distance), trip.Riders, trip.Vendor, trip.Night, trip.Pickup, trip.Fare }).ToArray();
        Assert.Equal(await model.PredictAsync(numbers, Ct), await model.PredictAsync(whole, Ct));
    }

    [Fact]
    public async Task Prediction_needs_neither_the_label_nor_unused_columns()
    {
        var model = await Fit(EstimatorKind.LinearClassifier);
        var bare = Test.Select(trip => new { trip.Pickup, trip.Night, trip.Vendor, trip.Distance, trip.Riders, trip.Fare }).ToArray();
        Assert.Equal(await model.PredictAsync(Test, Ct), await model.PredictAsync(bare, Ct));
        await Assert.ThrowsAsync<UnknownColumnException>(() => model.EvaluateAsync(Dataset.From(bare), Ct));
        Assert.Equal("Vendor", (await Assert.ThrowsAsync<UnknownColumnException>(() => model.PredictAsync(new[] { new { Distance = 1.0, Riders = 1, Night = true, Pickup = new DateTime(2001, 1, 1), Fare = 1.0 } }, Ct))).Column);
    }

    [Fact]
    public async Task No_rows_have_no_predictions() => Assert.Empty(await (await Fit(EstimatorKind.LinearClassifier)).PredictAsync(Array.Empty<Trip>(), Ct));

    [Fact]
    public async Task Batches_carry_the_columns_asked_for()
    {
        var model = await Fit(EstimatorKind.LinearClassifier);
        var keys = new List<string?>();
        await foreach (var batch in model.PredictAsync(Dataset.From(Test), ["Key"], Ct))
        {
            Assert.Equal(batch.Rows.RowCount, batch.Predictions.Length);
            keys.AddRange(Enumerable.Range(0, batch.Rows.RowCount).Select(row => (string?)batch.Rows["Key"].ValueAt(row)));
        }

        Assert.Equal(Test.Select(trip => trip.Key), keys);
    }

    [Fact]
    public async Task Types_of_the_model_win_over_what_another_file_alone_would_suggest()
    {
        // Codes are words in the training file and look like numbers in the other; distances are whole there.
        File.WriteAllLines(_folder["train.csv"], Enumerable.Range(0, 400).Select(row => $"{(row % 2 == 0 ? "7" : "7b")},{row % 10}.5,{(row % 2 == 0 ? "yes" : "no")}").Prepend("code,distance,late"));
        File.WriteAllLines(_folder["test.csv"], Enumerable.Range(0, 50).Select(row => $"7,{row % 10},yes").Append("7b,1,no").Prepend("code,distance,late").Take(51).Append("7,3,no"));
        var model = await new LinearClassifier("late").FitAsync(Dataset.Read(_folder["train.csv"]), null, Ct);
        Assert.Equal(DataType.Text, model.Artifact.DataSchema["code"].Type);
        var alone = await Dataset.Read(_folder["test.csv"]).OpenAsync(Ct);
        Assert.Equal((DataType.Int64, DataType.Int64), (alone.Schema["code"].Type, alone.Schema["distance"].Type));
        var evaluation = await model.EvaluateAsync(Dataset.Read(_folder["test.csv"]), Ct);
        Assert.Equal(51, evaluation.RowCount);
        await foreach (var batch in model.PredictAsync(Dataset.Read(_folder["test.csv"]), [], Ct))
        {
            Assert.All(batch.Predictions.ToArray(), probability => Assert.True(probability > 0.5));
        }
    }

    static async Task<float[]> One(TrainedModel model)
    {
        var source = await Dataset.From(Test).OpenAsync(Ct);
        var (scorer, single) = (new ModelScorer(model.Artifact.Transform, model.Artifact.Predictor), new BatchBuilder(source.Schema));
        var predictions = new List<float>();
        var prediction = new float[1];
        await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], Ct))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                single.Clear();
                single.AppendRow(batch, row);
                scorer.Score(single.Batch, prediction);
                predictions.Add(prediction[0]);
            }
        }

        return [.. predictions];
    }

    /// <summary>The share of pairs in the right order, by definition.</summary>
    static double Auc(bool[] labels, float[] scores)
    {
        var (right, pairs) = (0.0, 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            for (var j = 0; j < labels.Length; j++)
            {
                if (labels[i] && !labels[j])
                {
                    pairs++;
                    right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }

        return right / pairs;
    }
}
