using System.Diagnostics.CodeAnalysis;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Computes a network's outputs for a few rows at a time and keeps every layer's activations, which learning needs too: training
/// and prediction run this very code. Its memory stays in the second-level cache. Not thread-safe.
/// </summary>
sealed class ForwardPass
{
    /// <summary>
    /// Enough rows to reuse the weights well, few enough for the activations of small networks to stay in cache.
    /// </summary>
    public const int MaxRows = 128;

    /// <summary>What a server's requests have, and an artifact's golden rows: an eighth of the memory, which each request in progress takes.</summary>
    public const int FewRows = 16;

    readonly DnnShape _shape;
    AlignedBuffer _numerics;
    AlignedBuffer _embedded;
    AlignedBuffer[] _outputs;
    int _room;

    /// <param name="slopes">For learning, where the shape needs them; null for prediction.</param>
    /// <param name="room">For how many rows there is memory before more of them come.</param>
    public ForwardPass(DnnShape shape, LayerSlopes? slopes = null, int room = MaxRows)
    {
        (_shape, Slopes) = (shape, slopes);
        MakeRoom(room);
        Normalization = shape.Normalization == Models.Normalization.None ? null : new LayerNormalization(shape, learns: slopes is not null);
    }

    /// <summary>The slopes of hidden layers that can't be told from their outputs.</summary>
    public LayerSlopes? Slopes { get; }

    /// <summary>Of a network whose layers are normalised.</summary>
    public LayerNormalization? Normalization { get; }

    /// <summary>[rows × numeric features], column-major as the features come.</summary>
    public MatrixSpan Numerics(int rows) =>
        MatrixSpan.ColumnMajor(_numerics.Span, rows, _shape.Features.Numerics.Length, MatrixKernels.PaddedStride(_room));

    /// <summary>[rows × embedded width].</summary>
    public MatrixSpan Embedded(int rows) =>
        MatrixSpan.RowMajor(_embedded.Span, rows, _shape.EmbeddedWidth, MatrixKernels.PaddedStride(_shape.EmbeddedWidth));

    /// <summary>[rows × outputs with padding] of a layer, after its activation.</summary>
    public MatrixSpan Output(int layerIndex, int rows) => Output(_outputs, _shape, layerIndex, rows);

    /// <summary>[rows × outputs] of a layer, without padding: the inputs of the next.</summary>
    public MatrixSpan Activations(int layerIndex, int rows)
    {
        var output = Output(layerIndex, rows);
        return MatrixSpan.RowMajor(output.Values, rows, _shape.Outputs(layerIndex), output.RowStride);
    }

    /// <summary>Memory shaped like a forward pass's outputs, for the gradients with respect to them.</summary>
    /// <param name="rows">At most.</param>
    public static AlignedBuffer[] CreateOutputs(DnnShape shape, int rows = MaxRows) =>
        [.. Enumerable.Range(0, shape.LayerCount)
            .Select(layer => new AlignedBuffer(checked(rows * MatrixKernels.PaddedStride(shape.Outputs(layer)))))];

    /// <summary>[rows × outputs with padding] in memory of <see cref="CreateOutputs"/>.</summary>
    public static MatrixSpan Output(AlignedBuffer[] outputs, DnnShape shape, int layerIndex, int rows)
    {
        var width = shape.Outputs(layerIndex);
        return MatrixSpan.RowMajor(
            outputs[layerIndex].Span, rows, MatrixKernels.PaddedWidth(width), MatrixKernels.PaddedStride(width));
    }

    /// <summary>
    /// Computes the outputs of <paramref name="rows"/> ≤ <see cref="MaxRows"/> rows; the scores are the first columns of the last layer's.
    /// </summary>
    /// <param name="embeddings">The tables, laid out as <see cref="DnnShape"/> says.</param>
    /// <exception cref="ArgumentException">A category is not below its feature's cardinality.</exception>
    public void Run(FeatureBuffer features, int firstRow, int rows, ReadOnlySpan<float> embeddings, DenseLayers layers)
    {
        if (rows > _room)
        {
            MakeRoom(MaxRows);
        }

        CopyNumerics(features, firstRow, rows);
        CopyEmbeddings(features, firstRow, rows, embeddings);
        var numericCount = _shape.Features.Numerics.Length;
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            var whole = _shape.ActivationAfter(layer);
            var activation = ActivationKernels.Computes(whole) || _shape.IsNormalized(layer) ? Activation.Identity : whole;
            var output = Output(layer, rows);
            if (layer > 0)
            {
                MatrixKernels.Affine(Activations(layer - 1, rows), layers.Weights(layer), layers.Bias(layer), activation, output);
            }
            else if (_shape.EmbeddedWidth == 0)
            {
                MatrixKernels.Affine(Numerics(rows), layers.Weights(0), layers.Bias(0), activation, output);
            }
            else
            {
                // Two parts of one chain of sums; storing the sums in between loses no bits.
                MatrixKernels.Affine(
                    Numerics(rows), layers.WeightRows(0, 0, numericCount), layers.Bias(0), Activation.Identity, output);
                MatrixKernels.Accumulate(
                    Embedded(rows), layers.WeightRows(0, numericCount, _shape.EmbeddedWidth), activation, output);
            }

            if (layer < _shape.HiddenUnits.Length)
            {
                Normalization?.Apply(layer, layers, output);
                Finish(layer, firstRow, whole, output);
            }
        }
    }

    [MemberNotNull(nameof(_numerics), nameof(_embedded), nameof(_outputs))]
    void MakeRoom(int rows)
    {
        _numerics = new AlignedBuffer(checked(_shape.Features.Numerics.Length * MatrixKernels.PaddedStride(rows)));
        _embedded = new AlignedBuffer(checked(rows * MatrixKernels.PaddedStride(_shape.EmbeddedWidth)));
        _outputs = CreateOutputs(_shape, rows);
        _room = rows;
    }

    /// <summary>What a product's tile left to do for a hidden layer.</summary>
    void Finish(int layer, int firstRow, Activation activation, MatrixSpan output)
    {
        if (Slopes is not null)
        {
            Slopes.Finish(layer, firstRow, output);
        }
        else if (ActivationKernels.Computes(activation))
        {
            // Padding between rows is 0, and stays so.
            ActivationKernels.Apply(activation, output.Values[..(output.Rows * output.RowStride)]);
        }
        else if (Normalization is not null && activation == Activation.Relu)
        {
            foreach (ref var value in output.Values[..(output.Rows * output.RowStride)])
            {
                value = value < 0 ? 0 : value;
            }
        }
    }

    void CopyNumerics(FeatureBuffer features, int firstRow, int rows)
    {
        var target = _numerics.Span;
        var stride = MatrixKernels.PaddedStride(_room);
        for (var feature = 0; feature < _shape.Features.Numerics.Length; feature++)
        {
            features.Numeric(feature).Slice(firstRow, rows).CopyTo(target.Slice(feature * stride, rows));
        }
    }

    void CopyEmbeddings(FeatureBuffer features, int firstRow, int rows, ReadOnlySpan<float> embeddings)
    {
        var target = Embedded(rows);
        var column = 0;
        for (var feature = 0; feature < _shape.EmbeddingDimensions.Length; feature++)
        {
            var dimension = _shape.EmbeddingDimensions[feature];
            var spec = _shape.Features.Categories[feature];
            var table = embeddings.Slice(_shape.EmbeddingOffset(feature), spec.Cardinality * dimension);
            var categories = features.Category(feature).Slice(firstRow, rows);
            for (var row = 0; row < rows; row++)
            {
                var category = categories[row];
                if ((uint)category >= (uint)spec.Cardinality)
                {
                    ThrowCategory(spec, category, firstRow + row);
                }

                table.Slice(category * dimension, dimension).CopyTo(target.Values[(row * target.RowStride + column)..]);
            }

            column += dimension;
        }
    }

    [DoesNotReturn]
    static void ThrowCategory(FeatureSpec feature, int category, int row) => throw new ArgumentException(
        $"Row {row} of the batch has category {category} in feature '{feature.Name}', " +
        $"whose categories are 0 to {feature.Cardinality - 1}; use the transform that the model was trained with.");
}
