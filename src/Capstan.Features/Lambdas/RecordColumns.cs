using System.ComponentModel.DataAnnotations.Schema;
using System.Reflection;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// How the properties of a record type are raw columns: one rule for objects that become rows and for lambdas over them.
/// </summary>
public static class RecordColumns
{
    /// <summary>
    /// The column that a public property with a getter is: its name, or what <c>[Column("trip_distance")]</c> says; null where
    /// its type can't be a column.
    /// </summary>
    public static Field? Of(PropertyInfo property) =>
        property.GetMethod is { IsPublic: true, IsStatic: false } && property.GetIndexParameters().Length == 0
            && TypeOf(property.PropertyType) is { } type
            ? new Field(property.GetCustomAttribute<ColumnAttribute>()?.Name ?? property.Name, type)
            : null;

    static DataType? TypeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? DataType.Text : Type.GetTypeCode(type) switch
        {
            TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32
                or TypeCode.Int64 => DataType.Int64,
            TypeCode.UInt64 or TypeCode.Single or TypeCode.Double or TypeCode.Decimal => DataType.Float64,
            TypeCode.Boolean => DataType.Boolean,
            TypeCode.String or TypeCode.Char => DataType.Text,
            TypeCode.DateTime => DataType.Timestamp,
            _ => type == typeof(DateTimeOffset) || type == typeof(DateOnly) ? DataType.Timestamp
                : type == typeof(Guid) || type == typeof(Uri) ? DataType.Text
                : null,
        };
    }
}
