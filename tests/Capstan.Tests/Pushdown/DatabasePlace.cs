using Capstan.Data.PostgreSql;

namespace Capstan.Tests.Pushdown;

/// <summary>Where rows are put so that a database has them: Parquet files for DuckDB, a table of the test run's PostgreSQL.</summary>
public abstract class DatabasePlace(string name) : IDisposable
{
    public static TheoryData<string> All => ["DuckDB", "PostgreSQL"];

    public string Name { get; } = name;

    public static DatabasePlace Of(string name) => name == "DuckDB" ? new ParquetPlace() : new TablePlace();

    public abstract Task<Dataset> PutAsync<T>(IEnumerable<T> rows);

    public abstract void Dispose();

    sealed class ParquetPlace() : DatabasePlace("DuckDB")
    {
        readonly TemporaryFolder _folder = new();

        /// <summary>Two files, so that there are splits and an order of files.</summary>
        public override async Task<Dataset> PutAsync<T>(IEnumerable<T> rows)
        {
            T[] all = [.. rows];
            await Dataset.From(all.Take(all.Length / 3 + 1)).SaveAsync(_folder["a.parquet"]);
            if (all.Length < 2)
            {
                return Dataset.Read(_folder["a.parquet"]);
            }

            await Dataset.From(all.Skip(all.Length / 3 + 1)).SaveAsync(_folder["b.parquet"]);
            return Dataset.Read(_folder["a.parquet"], _folder["b.parquet"]);
        }

        public override void Dispose() => _folder.Dispose();
    }

    sealed class TablePlace() : DatabasePlace("PostgreSQL")
    {
        public override async Task<Dataset> PutAsync<T>(IEnumerable<T> rows)
        {
            // The server goes with the test program.
            var address = $"{PostgreSqlServer.Shared.Url}&table=t{Guid.NewGuid():N}";
            await Dataset.From(rows).SaveAsync(address);
            return Dataset.Read(PostgreSqlAddress.Parse(address));
        }

        public override void Dispose()
        {
        }
    }
}
