namespace Capstan.Data.DuckDb;

/// <summary>A value that has been read but not yet appended: a row is appended whole or not at all.</summary>
readonly record struct Cell(bool IsPresent, long Bits)
{
    public static readonly Cell Missing = new(false, 0);

    public static Cell Of(long value) => new(true, value);

    public static Cell Of(double value) => double.IsFinite(value) ? new(true, BitConverter.DoubleToInt64Bits(value)) : Missing;

    public static Cell Of(bool value) => new(true, value ? 1 : 0);

    /// <summary>Appends a value of any type but text, whose bytes stay where they were read.</summary>
    public void AppendTo(ColumnBuilder target)
    {
        if (!IsPresent)
        {
            target.AppendMissing();
            return;
        }

        switch (target.Type)
        {
            case DataType.Float64:
                target.Append(BitConverter.Int64BitsToDouble(Bits));
                break;
            case DataType.Boolean:
                target.Append(Bits != 0);
                break;
            default:
                target.Append(Bits);
                break;
        }
    }
}
