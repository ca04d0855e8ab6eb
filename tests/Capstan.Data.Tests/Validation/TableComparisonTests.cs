using static Capstan.Data.Tests.Validation.Tables;

namespace Capstan.Data.Tests.Validation;

public sealed class TableComparisonTests
{
    static readonly object?[] Spread = Numbers(1000, index => index % 100);

    static ColumnChange Change(DataType leftType, object?[] left, DataType rightType, object?[] right) =>
        TableComparison.Of(Of("x", leftType, left), Of("x", rightType, right)).Single().Change;

    [Fact]
    public void Columns_of_the_first_come_first_and_those_of_the_second_alone_last()
    {
        var columns = TableComparison.Of(
            Of(("a", DataType.Int64, [1L]), ("b", DataType.Int64, [1L])), Of(("c", DataType.Int64, [1L]), ("b", DataType.Int64, [1L])));
        Assert.Equal([("a", ColumnChange.Removed), ("b", ColumnChange.Alike), ("c", ColumnChange.Added)], columns.Select(each => (each.Name, each.Change)));
        Assert.Equal((null, null, null), (columns[0].Right, columns[0].Distance, columns[2].Left));
    }

    [Fact]
    public void How_far_a_column_has_moved_is_told_in_steps()
    {
        object?[] Moved(double by) => Numbers(1000, index => index % 100 + by);
        Assert.Equal(ColumnChange.Alike, Change(DataType.Float64, Spread, DataType.Float64, Moved(0)));
        Assert.Equal(ColumnChange.Moved, Change(DataType.Float64, Spread, DataType.Float64, Moved(8)));
        Assert.Equal(ColumnChange.MovedFar, Change(DataType.Float64, Spread, DataType.Float64, Moved(50)));
        Assert.Equal(ColumnChange.MovedFar, Change(DataType.Float64, Spread, DataType.Float64, [.. Spread, .. Enumerable.Repeat<object?>(null, 200)]));
        Assert.Equal(ColumnChange.MovedFar, Change(DataType.Text, [null, null, null, null, null, null, null, null], DataType.Float64, Spread));
        Assert.Equal(ColumnChange.OtherType, Change(DataType.Float64, Spread, DataType.Text, ["a"]));
        Assert.Equal(ColumnChange.Alike, Change(DataType.Float64, Spread, DataType.Float64, [1.0, 99.0]));
    }
}
