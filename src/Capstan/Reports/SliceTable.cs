using Capstan.Training;

namespace Capstan;

/// <summary>The slices of one column: the primary metric of each as a whisker on a common scale, and the others in figures.</summary>
static class SliceTable
{
    const int Width = 200;

    public static Markup Of(Slicing slicing, Evaluation overall)
    {
        var (low, high) = RangeOf(slicing, overall.PrimaryMetric);
        var head = overall.Metrics.Select(metric => Markup.Of($"<th scope=\"col\" class=\"number\">{metric.Name}</th>"));
        var rows = slicing.Slices.Select(slice =>
        {
            var primary = slice.Evaluation.PrimaryMetric;
            var cells = slice.Evaluation.Metrics.Select(metric =>
                Markup.Of($"<td class=\"number\" title=\"{EvaluationPage.Interval(metric.Interval)}\">{EvaluationPage.Shown(metric.Value)}</td>"));
            var mark = slice.IsSmall ? Markup.Of($" <span class=\"chip\">few rows</span>") : Markup.Nothing;
            return Markup.Of(
                $"<tr class=\"{(slice.IsSmall ? "small" : "")}\"><th scope=\"row\">{Figures.Short(slice.Name)}{mark}</th><td class=\"number\">{Figures.Count(slice.Evaluation.RowCount)}</td><td class=\"number\">{Figures.Share(slice.Share)}</td><td>{Whisker(primary, overall.PrimaryMetric, low, high)}</td>{cells}</tr>\n");
        });
        return Markup.Of(
            $"""
            <h2>By {slicing.By}</h2>
            <div class="scroll" role="region" tabindex="0"><table class="overview"><thead><tr><th scope="col">{slicing.By}</th><th scope="col" class="number">rows</th><th scope="col" class="number">share</th><th scope="col">{overall.PrimaryMetric.Name}, {Figures.Rough(low)} to {Figures.Rough(high)}</th>{head}</tr></thead><tbody>
            {rows}</tbody></table></div>

            """);
    }

    /// <summary>The slice's interval as a line, its value as a dot, and all rows' value as a dashed line.</summary>
    static Markup Whisker(Metric metric, Metric overall, double low, double high)
    {
        if (metric.Value is not { } value)
        {
            return Markup.Nothing;
        }

        var whole = overall.Value is { } all ? Markup.Of($"<path class=\"line guide\" d=\"M{At(all)} 0V20\"/>") : Markup.Nothing;
        var line = metric.Interval is { } interval ? Markup.Of($"<path d=\"M{At(interval.Low)} 10H{At(interval.High)}\"/>") : Markup.Nothing;
        return Markup.Of($"<svg class=\"whisker\" viewBox=\"0 0 {Width} 20\" aria-hidden=\"true\">{whole}{line}<circle class=\"mine\" cx=\"{At(value)}\" cy=\"10\" r=\"4\"/></svg>");

        double At(double figure) => 5 + (Math.Clamp(figure, low, high) - low) / (high - low) * (Width - 10);
    }

    // Small slices' intervals are wide, and would squeeze all others together.
    static (double Low, double High) RangeOf(Slicing slicing, Metric overall)
    {
        double[] figures =
        [
            .. slicing.Slices.Where(slice => !slice.IsSmall).Select(slice => slice.Evaluation.PrimaryMetric).Append(overall)
                .SelectMany(metric => new[] { metric.Value, metric.Interval?.Low, metric.Interval?.High }).OfType<double>(),
        ];
        return figures.Length == 0 ? (0, 1) : figures.Min() < figures.Max() ? (figures.Min(), figures.Max()) : (figures[0] - 1, figures[0] + 1);
    }
}
