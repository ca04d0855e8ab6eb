using System.Formats.Cbor;
using System.Numerics;

namespace Capstan.Data;

/// <summary>How many different values there are: exactly up to <see cref="ExactLimit"/>, estimated beyond.</summary>
/// <remarks>
/// The state depends only on the set of values seen, so merging any split gives the same bytes as one pass. Beyond the limit:
/// HyperLogLog with 4,096 registers, standard error 1.04 / √4096 = 1.6 %, from one value to 2⁵² and more. Values are told
/// apart by 64-bit hashes. Memory: at most 16 KiB.
/// Source: Flajolet et al. 2007; estimator of Ertl 2017 (arXiv 1702.01284), algorithm 6, which needs no bias tables.
/// </remarks>
public sealed class DistinctCount : IMergeable<DistinctCount>, IStoredState<DistinctCount>
{
    public const int ExactLimit = 1024;

    const int Precision = 12;
    const int Registers = 1 << Precision;
    const int MaxRank = 64 - Precision + 1;
    const int Slots = 2 * ExactLimit;

    // Until the limit: an open-addressing set of hashes, 0 = free. Then null, and the registers count.
    ulong[]? _hashes = [];
    int _hashCount;
    byte[] _registers = [];

    public static DistinctCount Empty => new();

    public bool IsExact => _hashes is not null;

    /// <summary>The number of different values, rounded where it is an estimate.</summary>
    public long Value => IsExact ? _hashCount : Estimate();

    public void Observe(ReadOnlySpan<byte> value) => ObserveHash(ValueHash.Of(value));

    /// <summary>A number or timestamp by its 64 bits.</summary>
    public void Observe(long value) => ObserveHash(ValueHash.Mix((ulong)value ^ 0x5851_F42D_4C95_7F2D));

    internal void ObserveHash(ulong hash)
    {
        if (_hashes is null)
        {
            ObserveRegister(hash);
            return;
        }

        hash = Math.Max(1, hash);
        if (_hashes.Length == 0)
        {
            _hashes = new ulong[Slots];
        }

        var slot = (int)(hash % Slots);
        while (_hashes[slot] != 0)
        {
            if (_hashes[slot] == hash)
            {
                return;
            }

            slot = (slot + 1) % Slots;
        }

        if (_hashCount == ExactLimit)
        {
            BecomeEstimate();
            ObserveRegister(hash);
            return;
        }

        _hashes[slot] = hash;
        _hashCount++;
    }

    public DistinctCount Merge(DistinctCount other)
    {
        var merged = new DistinctCount();
        foreach (var part in (ReadOnlySpan<DistinctCount>)[this, other])
        {
            merged.Absorb(part);
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 2);
        fields.Words(1, SortedHashes());
        fields.Bytes(2, _registers);
        fields.End();
    }

    public static DistinctCount ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(DistinctCount), 2);
        var hashes = fields.Words(1, ExactLimit);
        var registers = fields.Bytes(2, Registers);
        fields.End();
        fields.Check(registers.Length == 0 || (registers.Length == Registers && hashes.Length == 0),
            $"it has {hashes.Length:N0} hashes and {registers.Length:N0} registers, expected one or {Registers:N0} of the other");
        fields.Check(registers.All(rank => rank <= MaxRank), $"a register exceeds {MaxRank}");
        var count = new DistinctCount();
        foreach (var hash in hashes)
        {
            count.ObserveHash(hash);
        }

        fields.Check(count._hashCount == hashes.Length, "the same hash is stored twice");
        if (registers.Length > 0)
        {
            (count._hashes, count._registers) = (null, registers);
        }

        return count;
    }

    void Absorb(DistinctCount other)
    {
        if (other._hashes is not null)
        {
            foreach (var hash in other._hashes.Where(hash => hash != 0))
            {
                ObserveHash(hash);
            }

            return;
        }

        if (_hashes is not null)
        {
            BecomeEstimate();
        }

        for (var index = 0; index < Registers; index++)
        {
            _registers[index] = Math.Max(_registers[index], other._registers[index]);
        }
    }

    void BecomeEstimate()
    {
        var hashes = SortedHashes();
        (_hashes, _hashCount, _registers) = (null, 0, new byte[Registers]);
        foreach (var hash in hashes)
        {
            ObserveRegister(hash);
        }
    }

    void ObserveRegister(ulong hash)
    {
        ref var register = ref _registers[hash >> (64 - Precision)];
        var rank = Math.Min(MaxRank, BitOperations.LeadingZeroCount(hash << Precision) + 1);
        register = Math.Max(register, (byte)rank);
    }

    ulong[] SortedHashes() => _hashes is null ? [] : [.. _hashes.Where(hash => hash != 0).Order()];

    long Estimate()
    {
        var counts = new int[MaxRank + 1];
        foreach (var rank in _registers)
        {
            counts[rank]++;
        }

        var sum = Registers * Tau(1 - (double)counts[MaxRank] / Registers);
        for (var rank = MaxRank - 1; rank >= 1; rank--)
        {
            sum = 0.5 * (sum + counts[rank]);
        }

        sum += Registers * Sigma((double)counts[0] / Registers);
        return (long)Math.Round(Registers / (2 * Math.Log(2)) * Registers / sum);
    }

    /// <summary>x + Σ x^(2^k) 2^(k−1): the share of empty registers' contribution.</summary>
    static double Sigma(double x)
    {
        var (sum, power, before) = (x, 1.0, double.NaN);
        while (sum != before)
        {
            x *= x;
            before = sum;
            sum += x * power;
            power += power;
        }

        return sum;
    }

    /// <summary>(1 − x − Σ (1 − x^(2^−k))² 2^−k) / 3: the share of full registers' contribution.</summary>
    static double Tau(double x)
    {
        if (x is 0 or 1)
        {
            return 0;
        }

        var (sum, power, before) = (1 - x, 1.0, double.NaN);
        while (sum != before)
        {
            x = Math.Sqrt(x);
            before = sum;
            power *= 0.5;
            sum -= (1 - x) * (1 - x) * power;
        }

        return sum / 3;
    }
}
