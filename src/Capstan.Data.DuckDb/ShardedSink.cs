using System.Globalization;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Writes rows into files of a number of rows each: <c>features.parquet</c> becomes <c>features-00000.parquet</c> and so on. Each
/// file appears whole when it is full; where the sink is disposed of before it was completed, those already there are removed.
/// </summary>
/// <param name="path">The name that the files' names are made from.</param>
/// <param name="rowsPerFile">1 or more; the last file may have fewer.</param>
/// <param name="create">Creates the sink of one file.</param>
sealed class ShardedSink(string path, Schema schema, long rowsPerFile, Func<string, IBatchSink> create) : IBatchSink
{
    readonly List<string> _files = [];
    readonly BatchBuilder _part = new(schema);
    IBatchSink? _sink;
    long _rowsInFile;
    bool _isCompleted;

    /// <summary>The file of a 0-based number.</summary>
    public static string NameOf(string path, int index) => Path.Combine(
        Path.GetDirectoryName(path) ?? "",
        string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileNameWithoutExtension(path)}-{index:00000}{Path.GetExtension(path)}"));

    public async ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken)
    {
        for (var start = 0; start < batch.RowCount;)
        {
            if (_sink is null || _rowsInFile == rowsPerFile)
            {
                await BeginFileAsync(cancellationToken);
            }

            var count = (int)Math.Min(batch.RowCount - start, rowsPerFile - _rowsInFile);
            _part.Clear();
            _part.AppendRange(batch, start, count);
            await _sink!.WriteAsync(_part.Batch, cancellationToken); // begun above
            _rowsInFile += count;
            start += count;
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_sink is null)
        {
            await BeginFileAsync(cancellationToken);
        }

        await _sink!.CompleteAsync(cancellationToken); // begun above
        _isCompleted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sink is not null)
        {
            await _sink.DisposeAsync();
        }

        if (!_isCompleted)
        {
            _files.ForEach(File.Delete);
        }
    }

    async ValueTask BeginFileAsync(CancellationToken cancellationToken)
    {
        if (_sink is not null)
        {
            await _sink.CompleteAsync(cancellationToken);
            await _sink.DisposeAsync();
            _files.Add(NameOf(path, _files.Count));
        }

        _sink = create(NameOf(path, _files.Count));
        _rowsInFile = 0;
    }
}
