namespace Capstan.Data.Tests.Summaries;

/// <summary>Columns from objects; null is missing.</summary>
static class Columns
{
    public static Column Of(DataType type, IEnumerable<object?> values)
    {
        var builder = new ColumnBuilder(type);
        foreach (var value in values)
        {
            Append(builder, value);
        }

        return builder.Column;
    }

    public static void Append(ColumnBuilder builder, object? value)
    {
        switch (value)
        {
            case null:
                builder.AppendMissing();
                break;
            case long number:
                builder.Append(number);
                break;
            case double number:
                builder.Append(number);
                break;
            case bool flag:
                builder.Append(flag);
                break;
            case string text:
                builder.Append(text);
                break;
            default:
                throw new ArgumentException($"No column holds a {value.GetType().Name}.", nameof(value));
        }
    }
}
