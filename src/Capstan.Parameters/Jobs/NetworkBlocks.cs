using System.Collections.Immutable;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// A network's parameters as blocks: each layer's weights (outputs padded, as <see cref="DenseLayers"/> has them) and biases,
/// the wide part's weights of numeric features, then the embedding tables and the wide part's tables. All dense blocks come
/// first.
/// </summary>
/// <remarks>Features that are not embedded have no block.</remarks>
sealed class NetworkBlocks
{
    NetworkBlocks(ImmutableArray<BlockSpec> blocks, int wideNumerics, ImmutableArray<int> tables, ImmutableArray<int> wideTables) =>
        (Blocks, WideNumerics, Tables, WideTables) = (blocks, wideNumerics, tables, wideTables);

    public ImmutableArray<BlockSpec> Blocks { get; }

    /// <summary>The block of the numeric features' wide weights; −1 without.</summary>
    public int WideNumerics { get; }

    /// <summary>[category features] the block of each embedding table; −1 where there is none.</summary>
    public ImmutableArray<int> Tables { get; }

    /// <summary>[wide features] the block of each.</summary>
    public ImmutableArray<int> WideTables { get; }

    public static NetworkBlocks Of(TrainingJob job)
    {
        var outputs = job.Loss.Output.Width;
        var network = job.Network.Options;
        var shape = network.ShapeFor(job.Features, outputs);
        var blocks = ImmutableArray.CreateBuilder<BlockSpec>();
        for (var layer = 0; layer < shape.LayerCount; layer++)
        {
            var width = Data.MatrixKernels.PaddedWidth(shape.Outputs(layer));
            if (shape.Inputs(layer) > 0)
            {
                blocks.Add(new BlockSpec(BlockKind.Dense, BlockRule.Network, shape.Inputs(layer), width, true));
            }

            blocks.Add(new BlockSpec(BlockKind.Dense, BlockRule.Network, 1, width, false));
        }

        var wideNumerics = -1;
        if (network.Wide is { Numerics: true } && job.Features.Numerics.Length > 0)
        {
            wideNumerics = blocks.Count;
            blocks.Add(new BlockSpec(BlockKind.Dense, BlockRule.Ftrl, job.Features.Numerics.Length, outputs, false));
        }

        var tables = ImmutableArray.CreateBuilder<int>();
        for (var feature = 0; feature < job.Features.Categories.Length; feature++)
        {
            var dimension = shape.EmbeddingDimensions[feature];
            tables.Add(dimension == 0 ? -1 : blocks.Count);
            if (dimension > 0)
            {
                blocks.Add(new BlockSpec(BlockKind.Keyed, BlockRule.Network, job.Features.Categories[feature].Cardinality, dimension, true));
            }
        }

        var wideTables = ImmutableArray.CreateBuilder<int>();
        if (network.Wide is { } wide)
        {
            foreach (var feature in job.Features.Categories)
            {
                if (wide.Categories is not { } names || names.Contains(feature.Name, StringComparer.Ordinal))
                {
                    wideTables.Add(blocks.Count);
                    blocks.Add(new BlockSpec(BlockKind.Keyed, BlockRule.Ftrl, feature.Cardinality, outputs, false));
                }
            }
        }

        return new NetworkBlocks(blocks.ToImmutable(), wideNumerics, tables.ToImmutable(), wideTables.ToImmutable());
    }
}
