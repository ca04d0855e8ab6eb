using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Data.MLNet;

/// <summary>
/// An ML.NET <see cref="IDataView"/> as one split; its cursor runs once for every reading. NaN is missing, as in ML.NET, and so
/// is a key's 0 (keys are read as integers from 0). Vectors and other types without a counterpart are left out (<see
/// cref="LeftOut"/>).
/// </summary>
public sealed class DataViewSource : IBatchSource
{
    const int BatchRows = 8192;

    readonly IDataView _view;
    readonly Lazy<string> _fingerprint;

    /// <exception cref="ArgumentException">The view has no column that can be read.</exception>
    public DataViewSource(IDataView view)
    {
        _view = view;
        var columns = view.Schema.Where(column => !column.IsHidden).ToArray();
        Schema = new Schema(columns.Where(column => DataViewCells.TypeOf(column.Type) is not null)
            .Select(column => new Field(column.Name, DataViewCells.TypeOf(column.Type)!.Value))); // the others are left out
        LeftOut = [.. columns.Where(column => DataViewCells.TypeOf(column.Type) is null).Select(column => column.Name)];
        if (Schema.Fields.IsEmpty)
        {
            throw new ArgumentException(
                $"The data view has no column that can be read ({string.Join(", ", LeftOut)} are vectors or the like); " +
                "expected numbers, booleans, texts, keys or times.", nameof(view));
        }

        Splits = [new Split(0, "data view", view.GetRowCount())];
        _fingerprint = new Lazy<string>(() => $"view:{RowDigest.Of(Schema, Read(Schema)).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Columns of types that have no counterpart, such as vectors.</summary>
    public ImmutableArray<string> LeftOut { get; }

    /// <summary>Of all values; computed when first asked for, by reading them.</summary>
    public string Fingerprint => _fingerprint.Value;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
        Read(Schema.Select(columns)).ReadAsync(cancellationToken);

    IEnumerable<ColumnBatch> Read(Schema wanted)
    {
        if (wanted.Fields.IsEmpty)
        {
            yield break; // a batch without columns has no rows
        }

        var builder = new BatchBuilder(wanted);
        DataViewSchema.Column[] columns = [.. wanted.Names.Select(name => _view.Schema[name])];
        using var cursor = _view.GetRowCursor(columns);
        Action[] append = [.. columns.Select((column, index) => DataViewCells.ReaderOf(cursor, column, builder.Columns[index]))];
        while (cursor.MoveNext())
        {
            foreach (var appendNext in append)
            {
                appendNext();
            }

            if (builder.Batch.RowCount == BatchRows)
            {
                yield return builder.Batch;
                builder.Clear();
            }
        }

        if (builder.Batch.RowCount > 0)
        {
            yield return builder.Batch;
        }
    }
}
