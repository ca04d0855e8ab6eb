namespace Capstan.Data.DuckDb;
static class JsonLinesFile { public static DataFile Open(DataFilePath path, ReadOptions options, int sampleRows, CancellationToken ct) => throw new NotSupportedException(); }
