namespace Capstan;

/// <summary>Draws a column's shape: histograms as inline SVG, values as bars of a table.</summary>
static class ShapeDrawing
{
    const int BarWidth = 10;
    const int Height = 100;

    /// <summary>A drawing without words, for a row of a table.</summary>
    public static Markup Small(ColumnShape? shape) => shape is null
        ? Markup.Nothing
        : Svg(shape, "small", Markup.Of($"aria-hidden=\"true\""), withTitles: false);

    /// <summary>A drawing with its figures.</summary>
    /// <param name="name">The column's.</param>
    /// <param name="sides">What the two colours mean; null where there is one.</param>
    public static Markup Large(ColumnShape shape, string name, (string Mine, string Other)? sides) =>
        shape.IsHistogram ? Histogram(shape, name, sides) : Values(shape, sides);

    static Markup Histogram(ColumnShape shape, string name, (string Mine, string Other)? sides)
    {
        var fullest = shape.Bars.MaxBy(bar => bar.Share);
        var label = $"Histogram of {name} from {shape.Low} to {shape.High}; " +
            $"the fullest bar is {fullest.Label} with {Figures.Share(fullest.Share)}";
        var note = shape.Note.Length == 0 ? Markup.Nothing : Markup.Of($"<p class=\"note\">{shape.Note}</p>");
        return Markup.Of(
            $"""
            <figure>{Svg(shape, "large", Markup.Of($"role=\"img\" aria-label=\"{label}\""), withTitles: true)}
            <figcaption><span>{shape.Low}</span><span>{shape.High}</span></figcaption>{note}
            <details><summary>The bars in figures</summary>{Table(shape, sides, "figures")}</details></figure>

            """);
    }

    static Markup Values(ColumnShape shape, (string Mine, string Other)? sides)
    {
        var note = shape.Note.Length == 0 ? Markup.Nothing : Markup.Of($"<p class=\"note\">{shape.Note}</p>");
        return Markup.Of($"{Table(shape, sides, "bars")}{note}");
    }

    static Markup Table(ColumnShape shape, (string Mine, string Other)? sides, string style)
    {
        var most = shape.Bars.Max(bar => Math.Max(bar.Share, bar.OtherShare ?? 0));
        var head = sides is var (mine, other)
            ? Markup.Of($"<th scope=\"col\">{mine}</th><th scope=\"col\">{other}</th>")
            : Markup.Of($"<th scope=\"col\">share</th>");
        var rows = shape.Bars.Select(bar =>
        {
            var empty = sides is null ? Markup.Nothing : Markup.Of($"<td></td>");
            var theirs = bar.OtherShare is { } share ? Cell(share, "other") : empty;
            return Markup.Of($"<tr><th scope=\"row\">{Named(bar.Label)}</th>{Cell(bar.Share, "mine")}{theirs}</tr>\n");
        });
        return Markup.Of(
            $"""
            <table class="{style}"><thead><tr><th scope="col">value</th>{head}</tr></thead><tbody>
            {rows}</tbody></table>
            """);

        Markup Cell(double share, string side)
        {
            var width = most == 0 ? 0 : 100 * share / most;
            return Markup.Of(
                $"<td><span class=\"bar {side}\" style=\"inline-size:{width}%\"></span><span>{Figures.Share(share)}</span></td>");
        }
    }

    static Markup Named(string value) =>
        value.Length == 0 ? Markup.Of($"<i>empty text</i>") : Markup.Of($"{Figures.Short(value)}");

    static Markup Svg(ColumnShape shape, string style, Markup attributes, bool withTitles)
    {
        var most = shape.Bars.Max(bar => Math.Max(bar.Share, bar.OtherShare ?? 0));
        var scale = most == 0 ? 0 : Height / most;
        // Values of their own stand apart.
        var gap = shape.IsHistogram ? 0.6 : 3;
        var bars = shape.Bars.Select((bar, index) =>
        {
            var title = !withTitles ? Markup.Nothing : bar.OtherShare is { } other
                ? Markup.Of($"<title>{bar.Label}: {Figures.Share(bar.Share)} and {Figures.Share(other)}</title>")
                : Markup.Of($"<title>{bar.Label}: {Figures.Share(bar.Share)}</title>");
            var height = HeightOf(bar.Share, scale);
            var place = Markup.Of($"x=\"{index * BarWidth + gap / 2}\" y=\"{Height - height}\"");
            return Markup.Of(
                $"<rect class=\"mine\" {place} width=\"{BarWidth - gap}\" height=\"{height}\">{title}</rect>");
        });
        var outline = shape.Bars.Any(bar => bar.OtherShare is not null) ? Outline(shape, scale) : Markup.Nothing;
        var box = Markup.Of($"viewBox=\"0 0 {shape.Bars.Count * BarWidth} {Height}\" preserveAspectRatio=\"none\"");
        return Markup.Of($"<svg class=\"{style}\" {box} {attributes}>{bars}{outline}</svg>");
    }

    /// <summary>The other side as steps over the bars, so that both stay visible.</summary>
    static Markup Outline(ColumnShape shape, double scale)
    {
        var steps = shape.Bars.Select((bar, index) =>
            Markup.Of($"L{index * BarWidth} {Height - HeightOf(bar.OtherShare ?? 0, scale)}H{(index + 1) * BarWidth}"));
        return Markup.Of($"<path class=\"other\" vector-effect=\"non-scaling-stroke\" d=\"M0 {Height}{steps}V{Height}\"/>");
    }

    /// <summary>Of what is there, something is seen.</summary>
    static double HeightOf(double share, double scale) => share == 0 ? 0 : Math.Max(1, share * scale);
}
