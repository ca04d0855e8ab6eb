using Capstan.Training;

namespace Capstan;

/// <summary>The plots of an evaluation.</summary>
static class EvaluationPlots
{
    static readonly (double, double) Share = (0, 1);
    static readonly PlotLine Diagonal = new("guide", "", [(0, 0), (1, 1)]);

    public static IEnumerable<Markup> Of(EvaluationReport report)
    {
        var plots = report.Curve is { Points.IsEmpty: false } curve ? Classification(curve, report.Overall) : [];
        plots = [.. plots, .. report.Classes.Where(each => !each.Curve.Points.IsEmpty).SelectMany(OfClass)];
        if (report.Residuals is { ByPrediction.IsEmpty: false } residuals)
        {
            plots = [.. plots, ByPrediction(residuals), Histogram(residuals)];
        }

        if (report.Epochs.Count > 1)
        {
            plots = [.. plots, Training(report.Epochs)];
        }

        return plots.Select(plot => plot.Draw());
    }

    static Plot[] Classification(OperatingCurve curve, Evaluation overall)
    {
        var prevalence = curve.Points[^1].Precision ?? 0;
        return
        [
            new Plot(
                "ROC", "false-positive rate", "true-positive rate (recall)",
                [Diagonal, new("mine", "", Points(curve, point => point.FalsePositiveRate, point => point.Recall))])
            {
                XRange = Share, YRange = Share,
            },
            new Plot(
                "Precision and recall", "recall", "precision",
                [
                    new("guide", "share of positives", [(0, prevalence), (1, prevalence)]),
                    new("mine", "", Points(curve, point => point.Recall, point => point.Precision)),
                ])
            {
                XRange = Share, YRange = Share,
            },
            new Plot(
                "Calibration", "mean predicted probability", "share of positives",
                [
                    Diagonal,
                    new("mine", "bins of equal weight", [.. overall.Calibration.Select(bin => (bin.MeanProbability, bin.PositiveShare))], WithDots: true),
                ])
            {
                XRange = Share, YRange = Share,
            },
            new Plot(
                "Gain", "share of rows, highest scores first", "share of positives found",
                [Diagonal, new("mine", "", Points(curve, point => point.PositiveRate, point => point.Recall))])
            {
                XRange = Share, YRange = Share,
            },
            new Plot(
                "Lift", "share of rows, highest scores first", "times more positives than by chance",
                [new("guide", "", [(0, 1), (1, 1)]), new("mine", "", Points(curve, point => point.PositiveRate, point => point.Lift))])
            {
                XRange = Share,
            },
        ];
    }

    static Plot[] OfClass(ClassCurve of) =>
    [
        new Plot(
            $"ROC: {of.Name} against the rest", "false-positive rate", "true-positive rate (recall)",
            [Diagonal, new("mine", "", Points(of.Curve, point => point.FalsePositiveRate, point => point.Recall))])
        {
            XRange = Share, YRange = Share,
        },
        new Plot(
            $"Precision and recall: {of.Name}", "recall", "precision",
            [
                new("guide", "share of the class", [(0, of.Curve.Points[^1].Precision ?? 0), (1, of.Curve.Points[^1].Precision ?? 0)]),
                new("mine", "", Points(of.Curve, point => point.Recall, point => point.Precision)),
            ])
        {
            XRange = Share, YRange = Share,
        },
    ];

    static Plot ByPrediction(Residuals residuals)
    {
        var bins = residuals.ByPrediction.Select(bin => (X: (bin.Low + bin.High) / 2, bin)).ToArray();
        return new Plot(
            "Errors by prediction", "prediction", "error (prediction − label)",
            [
                new("guide", "", [(bins[0].X, 0), (bins[^1].X, 0)]),
                new("other", "mean", [.. bins.Select(each => (each.X, each.bin.Mean))]),
                new("mine", "median, with the band of the middle 80 %", [.. bins.Select(each => (each.X, each.bin.Median))], WithDots: true),
            ])
        {
            Band = [.. bins.Select(each => (each.X, each.bin.P10, each.bin.P90))],
        };
    }

    static Plot Histogram(Residuals residuals) => new(
        "Distribution of errors", "error (prediction − label)", "rows", [])
    {
        Bars = [.. residuals.Histogram.Bins.Select(bin => (bin.Low, bin.High, (double)bin.Count))],
    };

    static Plot Training(IReadOnlyList<Models.EpochLosses> epochs) => new(
        "Training", "epoch", "loss",
        [
            new("mine", "training rows", [.. epochs.Select((epoch, index) => (index + 1.0, epoch.Training))], WithDots: true),
            new(
                "other", "rows held out",
                [.. epochs.Select((epoch, index) => (index + 1.0, epoch.Validation)).Where(point => point.Validation is not null)
                    .Select(point => (point.Item1, point.Validation!.Value))], // chosen for having one
                WithDots: true),
        ]);

    static (double, double)[] Points(OperatingCurve curve, Func<OperatingPoint, double?> x, Func<OperatingPoint, double?> y) =>
    [
        .. curve.Points.Select(point => (X: x(point), Y: y(point))).Where(point => point.X is not null && point.Y is not null)
            .Select(point => (point.X!.Value, point.Y!.Value)), // chosen for having both
    ];
}
