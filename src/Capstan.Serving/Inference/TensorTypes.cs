using Capstan.Data;

namespace Capstan.Serving;

/// <summary>The types of the Open Inference Protocol and ours.</summary>
static class TensorTypes
{
    /// <summary>The type that a column is described with.</summary>
    public static string Of(DataType type) => type switch
    {
        DataType.Float64 => "FP64",
        DataType.Int64 => "INT64",
        DataType.Boolean => "BOOL",
        _ => "BYTES",
    };

    /// <summary>Whether values of a tensor's type can be a column's: numbers of any width, as long as nothing is lost.</summary>
    public static bool Fits(string datatype, DataType column) => column switch
    {
        DataType.Float64 => datatype.StartsWith("FP", StringComparison.Ordinal) || IsInteger(datatype),
        DataType.Int64 => IsInteger(datatype),
        DataType.Boolean => datatype == "BOOL",
        _ => datatype == "BYTES",
    };

    static bool IsInteger(string datatype) =>
        datatype is "INT8" or "INT16" or "INT32" or "INT64" or "UINT8" or "UINT16" or "UINT32" or "UINT64";
}
