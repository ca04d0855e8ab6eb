using System.Runtime.InteropServices;

namespace Capstan.Parameters;

/// <summary>Where a shard stands, as its server tells.</summary>
/// <param name="Taken">Pieces of work taken in, each counted once.</param>
/// <param name="Duplicates">Pushes that came again and were not taken in.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
readonly record struct ShardStatus(
    int Epoch, bool IsPrimary, bool IsSuspended, long Version, long Limit, long SumsFrom, double LossSum, double WeightSum, bool HasDiverged,
    double DivergedLoss, long Taken, long Duplicates, int Workers)
{
    public void Write(FrameBuffer frame) => frame.Write(this);

    public static ShardStatus Read(FrameBuffer frame) => frame.Read<ShardStatus>();
}
