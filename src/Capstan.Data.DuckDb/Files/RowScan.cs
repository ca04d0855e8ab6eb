namespace Capstan.Data.DuckDb;

/// <summary>A reading under way.</summary>
abstract class RowScan : IDisposable
{
    /// <summary>What a batch holds at most (the contract of <see cref="IBatchSource.ReadAsync"/>).</summary>
    public const int BatchRows = 8192;

    /// <summary>Fills an empty builder with the next rows.</summary>
    /// <returns>False where there were none: the part has been read to its end.</returns>
    public abstract bool Fill(BatchBuilder target);

    public abstract void Dispose();
}
