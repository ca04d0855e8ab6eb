namespace Capstan.Data.Arrow;

/// <summary>The columns of Arrow data.</summary>
static class ArrowSchemas
{
    /// <param name="name">What a person calls the data.</param>
    /// <exception cref="UnreadableDataException">A column is of a type that we have nothing like.</exception>
    public static Schema Read(Apache.Arrow.Schema schema, string name)
    {
        var fields = schema.FieldsList.Select(field => new Field(field.Name, ArrowTypes.TypeOf(field.DataType) ??
            throw new UnreadableDataException(name,
                $"column '{field.Name}' is of Arrow's type {field.DataType.Name}, which can't be read; expected numbers, " +
                    $"booleans, " +
                "texts, dates, timestamps, decimals, dictionaries of them, or lists of texts. Leave the column out, or " +
                    "convert it.")));
        try
        {
            return new Schema(fields.ToArray());
        }
        catch (ArgumentException cause)
        {
            throw new UnreadableDataException(name, cause.Message, cause);
        }
    }
}
