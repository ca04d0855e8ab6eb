using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Features.Tests.Sql;

namespace Capstan.Benchmarks;

/// <summary>An execution of a transform's features, without those that it refuses by name.</summary>
abstract class ParityExecution(string name)
{
    readonly List<string> _refused = [];

    public string Name { get; } = name;

    public ParityCounts Counts { get; } = new();

    /// <summary>Compares the features of the next rows with the reference's.</summary>
    public abstract void Compare(ColumnBatch rows, Dictionary<string, float[]> expected);

    public override string ToString() => $"{Counts}; refused {(_refused.Count == 0 ? "none" : string.Join(", ", _refused))}";

    /// <summary>The transform without the features that an export throws on.</summary>
    protected FrozenTransform Supported<TRefusal>(FrozenTransform transform, Action<FrozenTransform> export)
        where TRefusal : Exception
    {
        var supported = new List<(string, Expr)>();
        foreach (var (name, expr) in transform.Features)
        {
            try
            {
                export(new FrozenTransform(transform.Input, [(name, expr)]));
                supported.Add((name, expr));
            }
            catch (TRefusal refusal)
            {
                _refused.Add(refusal.Message);
            }
        }

        return new FrozenTransform(transform.Input, [.. supported]);
    }
}

sealed class EngineFeatures(FrozenTransform transform) : ParityExecution("engine")
{
    readonly FeatureBuffer _features = new(transform.Output);
    readonly TransformWorkspace _workspace = transform.CreateWorkspace();

    public override void Compare(ColumnBatch rows, Dictionary<string, float[]> expected)
    {
        transform.Apply(rows, _features, _workspace);
        for (var index = 0; index < transform.Output.Numerics.Length; index++)
        {
            Counts.Add(expected[transform.Output.Numerics[index].Name], _features.Numeric(index));
        }

        for (var index = 0; index < transform.Output.Categories.Length; index++)
        {
            float[] found = [.. _features.Category(index).ToArray().Select(category => (float)category)];
            Counts.Add(expected[transform.Output.Categories[index].Name], found);
        }
    }
}

/// <summary>The compiled SELECT over a table of the rows; on one thread its rows come in the table's order.</summary>
sealed class SqlFeatures : ParityExecution
{
    readonly string[] _names;
    readonly string _sql;

    public SqlFeatures(FrozenTransform transform)
        : base("SQL (DuckDB)")
    {
        var supported = Supported<SqlNotSupportedException>(transform, one => SqlCompiler.Compile(one, SqlDialect.DuckDb, "rows"));
        _names = [.. supported.Features.Select(feature => feature.Name)];
        _sql = SqlCompiler.Compile(supported, SqlDialect.DuckDb, "rows");
    }

    public override void Compare(ColumnBatch rows, Dictionary<string, float[]> expected)
    {
        using var table = new DuckDbTable(rows);
        var found = table.Query(_sql);
        for (var index = 0; index < _names.Length; index++)
        {
            Counts.Add(expected[_names[index]], [.. found.Select(row => ParityData.Feature(row[index]))]);
        }
    }
}

sealed class OnnxFeatureRun : ParityExecution, IDisposable
{
    readonly OnnxModel _model;

    public OnnxFeatureRun(FrozenTransform transform)
        : base("ONNX Runtime") =>
        _model = new OnnxModel(OnnxTransform.Export(Supported<OnnxNotSupportedException>(transform, one => OnnxTransform.Export(one))));

    public override void Compare(ColumnBatch rows, Dictionary<string, float[]> expected)
    {
        foreach (var (name, values) in _model.Run(rows))
        {
            Counts.Add(expected[name["feature.".Length..]], values as float[] ?? [.. ((long[])values).Select(category => (float)category)]);
        }
    }

    public void Dispose() => _model.Dispose();
}
