using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The rows of a source for which a condition is true; those for which it is false or missing are left out.</summary>
public sealed class FilteredSource : IBatchSource
{
    readonly IBatchSource _source;
    readonly FrozenExpression _condition;

    /// <exception cref="ExpressionException">The condition is no truth, or needs statistics.</exception>
    /// <exception cref="UnknownColumnException">It reads a column that the source lacks.</exception>
    public FilteredSource(IBatchSource source, Expr condition)
    {
        _source = source;
        _condition = new FrozenExpression(source.Schema, condition);
        if (_condition.Kind != ValueKind.Truth)
        {
            throw new ExpressionException(condition, "a number was found, expected a condition such as fare > 0.");
        }

        Splits =
        [
            .. source.Splits.Select(split => split with
            {
                RowCount = null, Span = split.Span is { } span ? $"{span} where {_condition.Expr}" : null,
            }),
        ];
    }

    public Schema Schema => _source.Schema;

    internal IBatchSource Source => _source;

    internal Expr Condition => _condition.Expr;

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint => $"{_source.Fingerprint} where {_condition.Expr}";

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var kept = new BatchBuilder(Schema.Select(columns));
        var workspace = _condition.CreateWorkspace();
        var (truths, rows) = (Array.Empty<double>(), Array.Empty<int>());
        string[] read = [.. columns.Concat(_condition.Columns).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in _source.ReadAsync(_source.Splits[split.Index], read, cancellationToken))
        {
            if (truths.Length < batch.RowCount)
            {
                (truths, rows) = (new double[batch.RowCount], new int[batch.RowCount]);
            }

            _condition.Apply(batch, truths, workspace);
            var count = 0;
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (truths[row] == 1)
                {
                    rows[count++] = row;
                }
            }

            if (count > 0)
            {
                kept.Clear();
                kept.AppendRows(batch, rows.AsSpan(0, count));
                yield return kept.Batch;
            }
        }
    }
}
