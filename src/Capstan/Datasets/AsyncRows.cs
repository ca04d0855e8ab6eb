using Capstan.Data;

namespace Capstan;

/// <summary>
/// Objects that arrive one after the other, once: read into columns when they are first wanted, and kept. Thread-safe.
/// </summary>
sealed class AsyncRows<T>(IAsyncEnumerable<T> rows)
{
    readonly SemaphoreSlim _gate = new(1);
    IBatchSource? _source;

    public async Task<IBatchSource> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _source ??= await ObjectRows.ToSourceAsync(rows, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }
}
