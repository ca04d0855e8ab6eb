using System.Diagnostics;
using Apache.Arrow.Types;

namespace Capstan.Data.Arrow;

/// <summary>Arrow's types and ours.</summary>
static class ArrowTypes
{
    /// <summary>What a column of ours is stored as.</summary>
    public static IArrowType Of(DataType type, bool isNarrow) => type switch
    {
        DataType.Int64 => isNarrow ? Int32Type.Default : Int64Type.Default,
        DataType.Float64 => isNarrow ? FloatType.Default : DoubleType.Default,
        DataType.Boolean => BooleanType.Default,
        DataType.Text => StringType.Default,
        DataType.Timestamp => new TimestampType(TimeUnit.Microsecond, (string?)null),
        DataType.TextList => new ListType(new Apache.Arrow.Field("item", StringType.Default, nullable: true)),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// What a stored column is to us; null where we have nothing like it. Unsigned integers of 64 bits and decimals are numbers;
    /// dictionaries are what they hold; a column without a type holds missing texts; lists are of texts.
    /// </summary>
    public static DataType? TypeOf(IArrowType type) => type.TypeId switch
    {
        ArrowTypeId.Int8 or ArrowTypeId.Int16 or ArrowTypeId.Int32 or ArrowTypeId.Int64 or
            ArrowTypeId.UInt8 or ArrowTypeId.UInt16 or ArrowTypeId.UInt32 => DataType.Int64,
        ArrowTypeId.UInt64 or ArrowTypeId.HalfFloat or ArrowTypeId.Float or ArrowTypeId.Double or
            ArrowTypeId.Decimal128 or ArrowTypeId.Decimal256 => DataType.Float64,
        ArrowTypeId.Boolean => DataType.Boolean,
        ArrowTypeId.String or ArrowTypeId.LargeString or ArrowTypeId.StringView or ArrowTypeId.Null => DataType.Text,
        ArrowTypeId.Date32 or ArrowTypeId.Date64 or ArrowTypeId.Timestamp => DataType.Timestamp,
        ArrowTypeId.List when TypeOf(((ListType)type).ValueDataType) == DataType.Text => DataType.TextList,
        ArrowTypeId.LargeList when TypeOf(((LargeListType)type).ValueDataType) == DataType.Text => DataType.TextList,
        ArrowTypeId.Dictionary => TypeOf(((DictionaryType)type).ValueType),
        _ => null,
    };
}
