using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Models;
using Capstan.Models.OnnxRuntime;

namespace Capstan.Conformance.Tests;

/// <summary>Its models in files, of ours and of other programs.</summary>
public sealed class ExchangeChecks : EstimatorChecks
{
    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_saved_model_has_the_same_name_and_predicts_and_explains_the_same(string name)
    {
        var model = await ModelAsync(name);
        var place = Path.Combine(Folder, "model");
        model.Save(place);
        var loaded = TrainedModel.Load(place);
        Assert.Equal(model.Hash, loaded.Hash);
        Assert.Equal(await model.PredictAsync(Held, Token), await loaded.PredictAsync(Held, Token));
        var (ours, theirs) = (await model.ExplainAsync(Held[..5], cancellationToken: Token), await loaded.ExplainAsync(Held[..5], cancellationToken: Token));
        Assert.Equal(ours.SelectMany(each => each.Attributions), theirs.SelectMany(each => each.Attributions));
        Assert.Equal(await EvaluateAsync(model), await EvaluateAsync(loaded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task In_ONNX_Runtime_it_scores_as_here_or_is_refused_by_name(string name)
    {
        var model = await ModelAsync(name);
        if (CaseOf(name).Promises.OnnxBound is not { } bound)
        {
            Assert.Contains("no operators for this kind of model", Assert.Throws<OnnxNotSupportedException>(() => OnnxModelExport.Export(model.Artifact)).Message);
            return;
        }

        using var exported = new OnnxModel(OnnxModelExport.Export(model.Artifact));
        var rows = await BatchAsync(model, [.. Held, Held[0] with { Vendor = "never seen" }]);
        var expected = new float[rows.RowCount * model.Artifact.Predictor.Output.Width];
        ScorerOf(model).ScoreRaw(rows, expected);
        var found = (float[])exported.Run(rows)[exported.Outputs[0]];
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, bound * (1 + Math.Abs(pair.First))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exported_and_imported_it_predicts_evaluates_and_explains_as_before(string name)
    {
        var model = await ModelAsync(name);
        if (CaseOf(name).Promises.OnnxBound is not { } bound)
        {
            return;
        }

        var file = OnnxFile.Of("model.onnx", OnnxModelExport.Export(model.Artifact));
        (await TrainedModel.ImportAsync("model", file, new ImportOptions { Data = Dataset.From(Learned) }, Token)).Save(Path.Combine(Folder, "model"));
        var imported = TrainedModel.Load(Path.Combine(Folder, "model"));
        Assert.Equal(model.Artifact.Predictor.Output, imported.Artifact.Predictor.Output);
        Assert.Equal(model.Artifact.Label.Classes?.Names, imported.Artifact.Label.Classes?.Names);
        EstimatorRow[] rows = [.. Held, Held[0] with { Vendor = "never seen" }];
        var (expected, found) = (await model.PredictAsync(rows, Token), await imported.PredictAsync(rows, Token));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, (bound + 1e-7) * (1 + Math.Abs(pair.First))));
        Assert.Equal(await EvaluateAsync(model), await EvaluateAsync(imported), 1e-4);
        var explanations = await imported.ExplainAsync(Held[..2], cancellationToken: Token);
        Assert.All(explanations, each => Assert.Equal(each.Score, each.BaseScore + each.Attributions.Sum(column => column.Value), 1e-4 * (1 + Math.Abs(each.Score))));
    }
}
