using System.Collections.Concurrent;

namespace Capstan.Features.Tests.Parity;

/// <summary>What one execution was compared in. Filled by many threads.</summary>
sealed class ParityCount(Execution execution)
{
    readonly ConcurrentDictionary<string, int> _refused = new(StringComparer.Ordinal);
    int _exactCases;
    int _boundedCases;
    int _countedCases;
    long _values;
    long _countedValues;
    long _countedDifferent;
    long _boundedDifferent;

    public Execution Execution { get; } = execution;

    /// <summary>Expression × batch, compared with the reference.</summary>
    public int Cases => _exactCases + _boundedCases + _countedCases;

    /// <summary>The share of values that differ among those that are not held to a bound.</summary>
    public double CountedShare => _countedValues == 0 ? 0 : (double)_countedDifferent / _countedValues;

    public void Refuse(string part) => _refused.AddOrUpdate(part, 1, (_, count) => count + 1);

    /// <param name="bound">Null for a case that is only counted.</param>
    /// <param name="differences">In units in the last place, value by value.</param>
    public void Add(Closeness? bound, long[] differences)
    {
        var different = differences.Count(units => units != 0);
        Interlocked.Add(ref _values, differences.Length);
        if (bound is null)
        {
            Interlocked.Increment(ref _countedCases);
            Interlocked.Add(ref _countedValues, differences.Length);
            Interlocked.Add(ref _countedDifferent, different);
        }
        else if (bound == Closeness.ToTheBit)
        {
            Interlocked.Increment(ref _exactCases);
        }
        else
        {
            Interlocked.Increment(ref _boundedCases);
            Interlocked.Add(ref _boundedDifferent, different);
        }
    }

    public override string ToString() =>
        $"{Execution.Name}: {Cases:N0} cases, {_values:N0} values; {_exactCases:N0} equal to the bit, {_boundedCases:N0} within their bounds " +
        $"({_boundedDifferent:N0} values differ), {_countedCases:N0} made of such ({_countedDifferent:N0} of {_countedValues:N0} values differ); refused " +
        (_refused.IsEmpty ? "none" : string.Join(", ", _refused.OrderByDescending(part => part.Value).Select(part => $"{part.Key} {part.Value:N0}")));
}
