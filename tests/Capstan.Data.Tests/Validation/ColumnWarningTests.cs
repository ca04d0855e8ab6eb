using static Capstan.Data.Tests.Validation.Tables;

namespace Capstan.Data.Tests.Validation;

public sealed class ColumnWarningTests
{
    static string[] Warnings(DataType type, params IEnumerable<object?> values) =>
        [.. ColumnWarning.Of(Column(type, values)).Select(warning => $"{warning.Name}: {warning.Text}")];

    [Fact]
    public void Most_columns_have_none()
    {
        Assert.Empty(Warnings(DataType.Float64, Numbers(1000, index => index % 97)));
        Assert.Empty(Warnings(DataType.Text, Repeated(("a", 5), ("b", 6))));
        Assert.Empty(Warnings(DataType.Boolean, true, false));
        Assert.Empty(Warnings(DataType.Timestamp, 1L, 2L));
        Assert.Empty(Warnings(DataType.Int64));
    }

    [Fact]
    public void Columns_without_values_or_with_one_are_told()
    {
        Assert.Equal(["empty: no value in any row"], Warnings(DataType.Text, null, null));
        foreach (var (type, value) in new (DataType, object)[] { (DataType.Int64, 5L), (DataType.Text, "a"), (DataType.Timestamp, 1L), (DataType.Boolean, false) })
        {
            Assert.Equal(["constant: one value in all rows"], Warnings(type, value, value));
        }

        Assert.Equal(["constant: one value in all rows", "mostly missing: 75.0 % missing"], Warnings(DataType.Float64, 1.0, null, null, null));
    }

    [Fact]
    public void Keys_and_many_values_are_told()
    {
        Assert.Equal(["key: another value in nearly every row"], Warnings(DataType.Int64, Enumerable.Range(0, 200).Select(index => (object?)(long)index)));
        Assert.Equal(["key: another value in nearly every row"], Warnings(DataType.Text, Enumerable.Range(0, 200).Select(index => $"{index}")));
        Assert.StartsWith("many values: ", Assert.Single(Warnings(DataType.Text, Enumerable.Range(0, 4000).Select(index => $"{index % 3000}"))));
    }

    [Fact]
    public void Lopsided_columns_are_told()
    {
        Assert.Equal(["many zeros: 60.0 % zeros"], Warnings(DataType.Float64, [.. Numbers(60, _ => 0), .. Numbers(40, index => index - 20.5)]));
        Assert.Equal(["far values: reaches to 429490, 98 % lie between 0 and 96"], Warnings(DataType.Float64, [.. Numbers(1000, index => index % 97), 429_490.0]));
        Assert.Equal(["skewed: skewed to the right"], Warnings(DataType.Float64, Numbers(1000, index => Math.Exp(index / 400.0))));
        Assert.Equal(["skewed: skewed to the left"], Warnings(DataType.Float64, Numbers(1000, index => -Math.Exp(index / 400.0))));
        Assert.Equal(["one value: one value in 97.0 %"], Warnings(DataType.Text, Repeated(("a", 97), ("b", 3))));
        Assert.Equal(["one value: one value in 97.0 %"], Warnings(DataType.Boolean, Repeated((false, 97), (true, 3))));
    }
}
