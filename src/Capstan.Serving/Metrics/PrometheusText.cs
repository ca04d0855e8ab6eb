using System.Globalization;
using System.Text;

namespace Capstan.Serving;

/// <summary>Measurements in the text that Prometheus reads (exposition format 0.0.4).</summary>
sealed class PrometheusText
{
    readonly StringBuilder _text = new();

    /// <summary>All that is added until the next is of this name.</summary>
    /// <param name="kind">counter, gauge or histogram.</param>
    /// <param name="help">What it tells; null or empty: nobody says.</param>
    public void Begin(string name, string kind, string? help = null)
    {
        if (!string.IsNullOrEmpty(help))
        {
            _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help.ReplaceLineEndings(" ")}\n");
        }

        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {kind}\n");
    }

    /// <param name="labels">As <c>name="value"</c>, with commas between; empty for none.</param>
    public void Add(string name, string labels, double value) =>
        _text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");

    /// <summary>A histogram: how many were at most each bound, their sum, and how many there are.</summary>
    /// <inheritdoc cref="Add(string, string, double)"/>
    public void Add(string name, string labels, Distribution values)
    {
        var (counts, sum) = values.Read();
        var (total, before) = (0L, labels.Length == 0 ? "" : $"{labels},");
        foreach (var (bucket, count) in counts.Index())
        {
            var bound = bucket < values.Bounds.Length ? values.Bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Add($"{name}_bucket", $"{before}le=\"{bound}\"", total += count);
        }

        Add($"{name}_sum", labels, sum);
        Add($"{name}_count", labels, total);
    }

    public override string ToString() => _text.ToString();
}
