using Capstan.Data;

namespace Capstan.Parameters.Tests;

public sealed class UnitLedgerLaws
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 1_000)]
    [InlineData(3, 5_000)]
    public void Every_unit_is_taken_in_once_in_whatever_order_they_come(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        var units = Enumerable.Range(0, count).SelectMany(unit => Enumerable.Repeat((long)unit, 1 + random.NextInt32(3))).ToArray();
        random.Shuffle<long>(units);
        var (ledger, seen) = (new UnitLedger(), new HashSet<long>());
        foreach (var unit in units)
        {
            Assert.Equal(seen.Contains(unit), ledger.Contains(unit));
            Assert.Equal(seen.Add(unit), ledger.Add(unit));
            Assert.Equal(seen.Count, ledger.Count);
        }

        Assert.Equal(count, ledger.Mark);
    }
}
