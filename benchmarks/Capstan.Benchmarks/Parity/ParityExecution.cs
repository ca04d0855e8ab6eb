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

/// <summary>The compiled SELECT over a table of the rows. A query's rows come in no order, so a number of theirs comes with them.</summary>
sealed class SqlFeatures : ParityExecution
{
    const string RowNumber = "row number";

    readonly Func<ColumnBatch, SqlTable> _open;
    readonly string[] _names;
    readonly string _sql;

    /// <param name="open">Puts rows into a table of their own.</param>
    public SqlFeatures(FrozenTransform transform, SqlDialect dialect, Func<ColumnBatch, SqlTable> open)
        : base($"SQL ({dialect})")
    {
        _open = open;
        var supported = Supported<SqlNotSupportedException>(transform, one => SqlCompiler.Compile(one, dialect, "rows"));
        _names = [.. supported.Features.Select(feature => feature.Name)];
        var numbered = new FrozenTransform(
            Numbered(transform.Input), [.. supported.Features.Select(feature => (feature.Name, feature.Expr)), (RowNumber, new ColumnExpr(RowNumber))]);
        _sql = SqlCompiler.Compile(numbered, dialect, "rows");
    }

    public override void Compare(ColumnBatch rows, Dictionary<string, float[]> expected)
    {
        var numbers = new BatchBuilder(new Schema([new Field(RowNumber, DataType.Int64)]));
        for (var row = 0; row < rows.RowCount; row++)
        {
            numbers.Columns[0].Append((long)row);
        }

        var columns = rows.Schema.Names.Select(name => rows[name]).Append(numbers.Batch[RowNumber]);
        using var table = _open(new ColumnBatch(Numbered(rows.Schema), [.. columns]));
        var found = table.Query(_sql).OrderBy(row => (double)row[^1]!).ToArray(); // numbers are never missing
        for (var index = 0; index < _names.Length; index++)
        {
            Counts.Add(expected[_names[index]], [.. found.Select(row => ParityData.Feature(row[index]))]);
        }
    }

    static Schema Numbered(Schema schema) => new([.. schema.Fields, new Field(RowNumber, DataType.Int64)]);
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
