using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Models;
using Capstan.Parameters;

namespace Capstan.Cluster;

/// <summary>What workers are told when all of them are there: they grow trees until one of them is lost.</summary>
/// <param name="Number">Grows, also from coordinator to coordinator.</param>
/// <param name="Doors">[workers] where each of them lets in the others.</param>
/// <param name="Grown">How many trees, for each score, the training has grown.</param>
/// <param name="Trees">Those, and what they began with.</param>
sealed record TreeRound(long Number, ImmutableArray<ServerAddress> Doors, int Grown, BoostedTreesPredictor Trees)
{
    public void Send(Channel channel, int rank)
    {
        channel.Out.Write(Grown);
        channel.Out.Write(Doors.Length);
        foreach (var door in Doors)
        {
            channel.Out.WriteText(door.ToString());
        }

        channel.Out.Write<byte>(PredictorCodec.ToBytes(Trees));
        channel.Send(Operation.TreesBegin, FrameStatus.Ok, rank, 0, Number);
    }

    /// <param name="content">Of a frame that announced itself as a beginning.</param>
    /// <exception cref="FrameException">It is none.</exception>
    public static TreeRound Read(FrameHeader header, FrameBuffer content, FeatureLayout features)
    {
        var grown = content.Read<int>();
        var doors = new ServerAddress[content.Read<int>()];
        for (var rank = 0; rank < doors.Length; rank++)
        {
            doors[rank] = ServerAddress.Parse(content.ReadText());
        }

        return PredictorCodec.FromBytes(content.Read<byte>(content.Left).ToArray(), features) is BoostedTreesPredictor trees
            ? new TreeRound(header.Number, [.. doors], grown, trees)
            : throw new FrameException("it holds no trees to go on from");
    }
}
