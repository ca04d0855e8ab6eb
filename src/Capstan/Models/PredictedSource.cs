using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Models;

namespace Capstan;

/// <summary>Predictions of a source's rows as columns (<see cref="PredictionColumns"/>), after raw columns that are kept.</summary>
sealed class PredictedSource : IBatchSource
{
    readonly IBatchSource _source;
    readonly ModelArtifact _artifact;
    readonly IReadOnlyList<string> _keep;

    /// <exception cref="ArgumentException">A column to keep is named twice or like a prediction's.</exception>
    /// <exception cref="UnknownColumnException">A column to keep is not there.</exception>
    public PredictedSource(IBatchSource source, ModelArtifact artifact, IReadOnlyList<string> keep)
    {
        var columns = new PredictionColumns(artifact, keep);
        (_source, _artifact, _keep) = (source, artifact, keep);
        (Schema, Narrow) = (columns.SchemaOf(source.Schema), columns.Narrow);
        Splits = [.. source.Splits.Select(split => split with { Span = split.Span is { } span ? $"{span} by {artifact.Hash.Short}" : null })];
    }

    public Schema Schema { get; }

    /// <summary>Columns that are single-precision floats.</summary>
    public IReadOnlySet<string> Narrow { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint => $"{_source.Fingerprint} by {_artifact.Hash}";

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (wanted, made) = (Schema.Select(columns), new PredictionColumns(_artifact, _keep));
        var (maker, rows) = (new PredictedRows.Maker(_artifact), default(PredictedRows));
        string[] read = [.. _keep.Concat(_artifact.Transform.Input.Names).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in _source.ReadAsync(split, read, cancellationToken))
        {
            rows = maker.Of(batch, rows);
            var predicted = made.Of(rows.Predicted);
            yield return new ColumnBatch(wanted, [.. columns.Select(name => predicted[name])]);
        }
    }
}
