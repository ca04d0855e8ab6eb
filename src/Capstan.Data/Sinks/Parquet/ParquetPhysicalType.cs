namespace Capstan.Data;

/// <summary>How Parquet stores values. The numbers are the format's own.</summary>
enum ParquetPhysicalType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Float = 4,
    Double = 5,
    ByteArray = 6,
}
