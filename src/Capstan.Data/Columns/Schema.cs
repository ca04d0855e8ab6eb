using System.Collections.Immutable;
using System.Diagnostics;

namespace Capstan.Data;

/// <summary>What a raw column holds. The numbers are written into artifacts and never reused.</summary>
public enum DataType : byte
{
    /// <summary>64-bit signed integers.</summary>
    Int64 = 1,

    /// <summary>Double-precision numbers. A raw NaN or infinity is read as missing: numbers are finite or missing.</summary>
    Float64 = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>UTF-8 text.</summary>
    Text = 4,

    /// <summary>Microseconds since 1970-01-01T00:00:00, without a time zone (as most databases and files hold them).</summary>
    Timestamp = 5,

    /// <summary>Any number of UTF-8 texts, such as tags; none of them missing.</summary>
    TextList = 6,
}

/// <summary>A named, typed raw column. Any column may hold missing values.</summary>
public readonly record struct Field(string Name, DataType Type);

/// <summary>The ordered, uniquely named columns of a data set.</summary>
public sealed class Schema : IEquatable<Schema>
{
    readonly Dictionary<string, int> _indexes;

    /// <exception cref="ArgumentException">Two fields share a name, or a name is empty.</exception>
    public Schema(IEnumerable<Field> fields)
    {
        Fields = [.. fields];
        _indexes = new Dictionary<string, int>(Fields.Length, StringComparer.Ordinal);
        for (var index = 0; index < Fields.Length; index++)
        {
            if (Fields[index].Name.Length == 0)
            {
                throw new ArgumentException($"Column {index + 1} has no name; every column needs one.", nameof(fields));
            }

            if (!_indexes.TryAdd(Fields[index].Name, index))
            {
                throw new ArgumentException(
                    $"Column '{Fields[index].Name}' appears twice " +
                    $"(columns {_indexes[Fields[index].Name] + 1} and {index + 1}); names must be unique.",
                    nameof(fields));
            }
        }
    }

    public ImmutableArray<Field> Fields { get; }

    /// <summary>The 0-based position of a column, or -1 where the schema has none of that name.</summary>
    public int IndexOf(string name) => _indexes.GetValueOrDefault(name, -1);

    /// <exception cref="UnknownColumnException">There is no such column; the message names the nearest ones.</exception>
    public Field this[string name] =>
        IndexOf(name) is >= 0 and var index ? Fields[index] : throw new UnknownColumnException(name, Names);

    public IEnumerable<string> Names => Fields.Select(each => each.Name);

    /// <summary>The schema of some of the columns, in the order asked.</summary>
    public Schema Select(IEnumerable<string> names) => new(names.Select(name => this[name]));

    public bool Equals(Schema? other) => other is not null && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Schema);

    public override int GetHashCode() => Fields.Aggregate(17, HashCode.Combine);

    public override string ToString() => string.Join(", ", Fields.Select(field => $"{field.Name}: {NameOf(field.Type)}"));

    /// <summary>The name a person writes in a pipeline file: int, number, boolean, text, timestamp, list.</summary>
    public static string NameOf(DataType type) => type switch
    {
        DataType.Int64 => "int",
        DataType.Float64 => "number",
        DataType.Boolean => "boolean",
        DataType.Text => "text",
        DataType.Timestamp => "timestamp",
        DataType.TextList => "list",
        _ => throw new UnreachableException(),
    };

    /// <summary>The inverse of <see cref="NameOf"/>; null for any other word.</summary>
    public static DataType? TypeNamed(string name) => name switch
    {
        "int" => DataType.Int64,
        "number" => DataType.Float64,
        "boolean" => DataType.Boolean,
        "text" => DataType.Text,
        "timestamp" => DataType.Timestamp,
        "list" => DataType.TextList,
        _ => null,
    };
}
