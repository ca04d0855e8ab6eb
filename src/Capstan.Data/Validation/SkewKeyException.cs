namespace Capstan.Data;

/// <summary>Rows can't be joined by a key: it is of two types, or of one that names no row.</summary>
public sealed class SkewKeyException(string key, DataType mine, DataType other) : ArgumentException(
    $"The key '{key}' is {Schema.NameOf(mine)} here and {Schema.NameOf(other)} there; rows are joined by keys of one type, " +
        $"and not by lists. Take another key, or write one side with the other's type.")
{
    public string Key { get; } = key;
}
