using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Data;

namespace Capstan.Benchmarks.Peers;

/// <summary>A row of the benchmark's table, as ML.NET and System.Text.Json read it.</summary>
[SuppressMessage("Style", "IDE1006", Justification = "The names are those of the table's columns.")]
sealed class WideRow
{
    [LoadColumn(0)] public float n0 { get; set; }
    [LoadColumn(1)] public float n1 { get; set; }
    [LoadColumn(2)] public float n2 { get; set; }
    [LoadColumn(3)] public float n3 { get; set; }
    [LoadColumn(4)] public float n4 { get; set; }
    [LoadColumn(5)] public float n5 { get; set; }
    [LoadColumn(6)] public float n6 { get; set; }
    [LoadColumn(7)] public float n7 { get; set; }
    [LoadColumn(8)] public float n8 { get; set; }
    [LoadColumn(9)] public float n9 { get; set; }
    [LoadColumn(10)] public float n10 { get; set; }
    [LoadColumn(11)] public float n11 { get; set; }
    [LoadColumn(12)] public string c0 { get; set; } = "";
    [LoadColumn(13)] public string c1 { get; set; } = "";
    [LoadColumn(14)] public string c2 { get; set; } = "";
    [LoadColumn(15)] public string c3 { get; set; } = "";
    [LoadColumn(16)] public string c4 { get; set; } = "";
    [LoadColumn(17)] public string c5 { get; set; } = "";
    [LoadColumn(18)] public bool flag { get; set; }
    [LoadColumn(19)] public string at { get; set; } = "";
    [LoadColumn(20)] public float y { get; set; }
}

/// <summary>What ML.NET predicts.</summary>
sealed class WidePrediction
{
    public float Score { get; set; }
}

/// <summary>A request and its answer, as Capstan's.</summary>
sealed record WideRequest(WideRow[] Instances);

sealed record WideAnswer(float[] Predictions);
