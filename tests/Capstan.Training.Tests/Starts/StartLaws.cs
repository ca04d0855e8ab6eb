using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training.Tests.Networks;

namespace Capstan.Training.Tests;

/// <summary>Every learner that can begin at an earlier model, whatever it learns by.</summary>
public sealed class StartLaws
{
    static readonly Schema Columns = new([new("x", DataType.Float64), new("w", DataType.Text), new("v", DataType.Text)]);

    static readonly FrozenTransform Before = Make(
        ("x", "(x - 2) / 4"), ("w", "vocabulary(w, ['a', 'b', 'c'])"), ("v", "hash(v, 4)"));

    static readonly string[] Families = ["linear", "dnn", "combined"];
    static readonly string[] Losses = ["logistic", "squared", "poisson", "quantile(0.3)", "softmax(3)"];

    public static TheoryData<string, string> Learners => new(Families.SelectMany(family => Losses.Select(loss => (family, loss))));

    static FrozenTransform Make(params (string Name, string Text)[] features) =>
        new(Columns, [.. features.Select(feature => (feature.Name, ExprParser.Parse(feature.Text)))]);

    static IWarmStartLearner Learner(string family, Loss loss, FeatureLayout layout, in LabelMoments labels, LabelScaling? scaling = null)
    {
        var options = new LinearOptions { L1 = 0.3f, L2 = 0.1f };
        return (family, loss) switch
        {
            ("linear", Loss.Softmax softmax) => new SoftmaxFtrlLearner(softmax, layout, options),
            ("linear", _) => new FtrlLearner(loss, layout, labels, options),
            _ => new DnnLearner(
                loss, layout,
                new DnnOptions
                {
                    HiddenUnits = [5], EmbeddingDimension = 3, Wide = family == "dnn" ? null : new WideOptions { Ftrl = options },
                },
                scaling ?? DnnLearner.ScalingFor(loss, labels)),
        };
    }

    static (IPredictor Model, LabelMoments Labels) Trained(string family, Loss loss)
    {
        var batch = Sample.Batch(Before.Output, 400, loss, new SeededRandom(7));
        var labels = LabelMoments.Of(batch.Labels, batch.Weights);
        var learner = Learner(family, loss, Before.Output, labels);
        for (var step = 0; step < 10; step++)
        {
            learner.Learn(batch);
        }

        return (learner.Freeze(), labels);
    }

    static IWarmStartLearner Begun(string family, Loss loss, FrozenTransform after, LabelMoments labels, IPredictor model)
    {
        var scaling = model switch { DnnPredictor dnn => dnn.LabelScaling, WideDeepPredictor both => both.Deep.LabelScaling, _ => (LabelScaling?)null };
        var learner = Learner(family, loss, after.Output, labels with { Mean = labels.Mean + 1 }, scaling);
        var matching = new FeatureMatching(Before, after);
        learner.StartAt((model, learner.Freeze()) switch
        {
            (LinearPredictor linear, _) => LinearStart.Carry(linear, matching),
            (DnnPredictor dnn, DnnPredictor own) => NetworkStart.Carry(dnn, matching, own),
            (WideDeepPredictor both, WideDeepPredictor own) => new WideDeepPredictor(
                LinearStart.Carry(both.Wide, matching), NetworkStart.Carry(both.Deep, matching, own.Deep)),
            _ => throw new InvalidOperationException(),
        });
        return learner;
    }

    static float[] Scores(FrozenTransform transform, IPredictor model)
    {
        string?[] texts = ["a", "b", "c", "d", "e", null];
        var builder = new BatchBuilder(Columns);
        foreach (var (w, v) in texts.SelectMany(w => texts.Select(v => (w, v))))
        {
            builder.Columns[0].Append(builder.Columns[0].Length * 0.5 - 3);
            Append(builder.Columns[1], w);
            Append(builder.Columns[2], v);
        }

        var scores = new float[builder.Batch.RowCount * model.Output.Width];
        new ModelScorer(transform, model).ScoreRaw(builder.Batch, scores);
        return scores;

        static void Append(ColumnBuilder column, string? text)
        {
            if (text is null)
            {
                column.AppendMissing();
            }
            else
            {
                column.Append(text);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void The_same_features_begin_with_the_same_bits(string family, string loss)
    {
        var (model, labels) = Trained(family, Sample.Loss(loss));
        var begun = Begun(family, Sample.Loss(loss), Before, labels, model);
        Assert.Equal(Scores(Before, model), Scores(Before, begun.Freeze()));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Grown_vocabularies_reordered_terms_and_more_buckets_change_no_bit_before_learning(string family, string loss)
    {
        var after = Make(("x", "(x - 2) / 4"), ("w", "vocabulary(w, ['d', 'c', 'e', 'a', 'b'])"), ("v", "hash(v, 12)"));
        var (model, labels) = Trained(family, Sample.Loss(loss));
        Assert.Equal(Scores(Before, model), Scores(after, Begun(family, Sample.Loss(loss), after, labels, model).Freeze()));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Added_features_change_no_prediction_before_learning_and_other_constants_only_by_rounding(string family, string loss)
    {
        var after = Make(
            ("new", "x * x"), ("x", "(x - 5) / 3"), ("w", "vocabulary(w, ['a', 'b', 'c'])"), ("fresh", "bucketize(x, [0, 1])"),
            ("v", "hash(v, 4)"));
        var (model, labels) = Trained(family, Sample.Loss(loss));
        var (was, now) = (Scores(Before, model), Scores(after, Begun(family, Sample.Loss(loss), after, labels, model).Freeze()));
        Assert.All(was.Zip(now), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * (1 + Math.Abs(pair.First))));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void It_learns_from_there(string family, string text)
    {
        var loss = Sample.Loss(text);
        var (model, labels) = Trained(family, loss);
        var begun = Begun(family, loss, Before, labels, model);
        var batch = Sample.Batch(Before.Output, 400, loss, new SeededRandom(7));
        begun.Learn(batch);
        Assert.NotEqual(Scores(Before, model), Scores(Before, begun.Freeze()));
        for (var step = 0; step < 9; step++)
        {
            begun.Learn(batch);
        }

        var (after, fresh) = (begun.Learn(batch), Learner(family, loss, Before.Output, labels).Learn(batch));
        Assert.True(after < fresh, $"{after} after {fresh}");
    }

    [Fact]
    public void A_start_of_another_kind_is_refused()
    {
        var (linear, labels) = Trained("linear", new Loss.Squared());
        var (network, _) = Trained("dnn", new Loss.Squared());
        Assert.Throws<ArgumentException>(() => Learner("dnn", new Loss.Squared(), Before.Output, labels).StartAt(linear));
        Assert.Throws<ArgumentException>(() => Learner("combined", new Loss.Squared(), Before.Output, labels).StartAt(network));
        Assert.Throws<ArgumentException>(() => Learner("linear", new Loss.Squared(), Before.Output, labels).StartAt(network));
        Assert.Throws<ArgumentException>(() => Learner("linear", new Loss.Logistic(), Before.Output, labels).StartAt(linear));
    }
}
