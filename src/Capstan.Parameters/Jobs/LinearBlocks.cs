using System.Collections.Immutable;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A linear model's parameters as blocks: dense ones of the bias and the numeric features, then a keyed one for each category feature.
/// </summary>
/// <remarks>
/// Where every row meets the model that the row before has left (synchronous), blocks hold z, n and weight of each coordinate as one
/// worker hands them on to the next. Elsewhere they hold weights, and FTRL is the server's.
/// </remarks>
static class LinearBlocks
{
    /// <summary>What travels to a worker, and in <see cref="Consistency.Synchronous"/> training back.</summary>
    public static CoordinateForm FormOf(TrainingJob job) =>
        job.Consistency == Consistency.Synchronous ? CoordinateForm.State : CoordinateForm.Weight;

    public static ImmutableArray<BlockSpec> Of(TrainingJob job)
    {
        var (outputs, form) = (job.Loss.Output.Width, FormOf(job));
        var (bias, others) = form == CoordinateForm.State ? (BlockRule.Replace, BlockRule.Replace) : (BlockRule.FtrlOfBias, BlockRule.Ftrl);
        var blocks = ImmutableArray.CreateBuilder<BlockSpec>();
        blocks.Add(new BlockSpec(BlockKind.Dense, bias, 1, outputs * (int)form, false));
        if (job.Features.Numerics.Length > 0)
        {
            blocks.Add(new BlockSpec(BlockKind.Dense, others, job.Features.Numerics.Length, outputs * (int)form, false));
        }

        foreach (var feature in job.Features.Categories)
        {
            blocks.Add(new BlockSpec(BlockKind.Keyed, others, feature.Cardinality, outputs * (int)form, false));
        }

        return blocks.ToImmutable();
    }

    /// <summary>Of a block, the place of its first row among the learner's coordinates (<see cref="ISharedCoordinates"/>).</summary>
    public static int FirstPlace(TrainingJob job, int block)
    {
        var numerics = job.Features.Numerics.Length;
        var firstTable = numerics > 0 ? 2 : 1;
        return block switch
        {
            0 => 0,
            1 when numerics > 0 => 1,
            _ => 1 + numerics + (int)job.Features.CategoryOffsets[block - firstTable],
        };
    }
}
