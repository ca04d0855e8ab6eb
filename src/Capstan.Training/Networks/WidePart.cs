using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The linear part of a wide-and-deep model while it learns: it adds to a network's outputs before the loss is taken, and takes its
/// gradients from there. Weights are [numeric features × outputs], then [categories × outputs] for each feature that is wide.
/// </summary>
/// <remarks>
/// One step of FTRL-Proximal per batch and coordinate, along the sum of the batch's gradients: as <see cref="FtrlLearner"/> would
/// make of one row, so that its constants mean the same here. (Along the mean, a category that occurs once in a batch would hardly
/// move.) Only coordinates that occur are touched.
/// </remarks>
sealed class WidePart
{
    readonly FeatureLayout _layout;
    readonly WideOptions _options;
    readonly int _outputs;
    readonly int[] _wide;
    readonly float[] _weights;
    readonly float[] _numericGradients;
    readonly float[] _partGradients;
    readonly PartSums _numericSums;
    readonly FtrlOptimizer _numericOptimizer;
    readonly EmbeddingTable[] _tables;
    readonly FtrlOptimizer[] _tableOptimizers;

    /// <exception cref="ArgumentException">A named feature is no category of the layout, or options are out of range.</exception>
    public WidePart(FeatureLayout layout, WideOptions options, int outputs)
    {
        options.Ftrl.Validate();
        (_layout, _options, _outputs) = (layout, options, outputs);
        _wide = Indices(layout, options);
        _numericGradients = new float[options.Numerics ? layout.Numerics.Length * outputs : 0];
        (_partGradients, _numericSums) = (new float[_numericGradients.Length], new PartSums(_numericGradients.Length));
        _numericOptimizer = new FtrlOptimizer(options.Ftrl, _numericGradients.Length);
        var offset = (long)_numericGradients.Length;
        (_tables, _tableOptimizers) = (new EmbeddingTable[_wide.Length], new FtrlOptimizer[_wide.Length]);
        for (var place = 0; place < _wide.Length; place++)
        {
            var count = layout.Categories[_wide[place]].Cardinality;
            var length = (long)count * outputs;
            if (offset + length > Array.MaxLength)
            {
                throw new ArgumentException(
                    $"The wide part would have more than {Array.MaxLength:N0} weights. Use smaller vocabularies, fewer hash buckets, or " +
                    "name fewer wide features.", nameof(layout));
            }

            _tableOptimizers[place] = new FtrlOptimizer(options.Ftrl, (int)length);
            _tables[place] = new EmbeddingTable(count, outputs, (int)offset, _tableOptimizers[place]);
            offset += length;
        }

        _weights = new float[offset];
    }

    /// <summary>Numeric features' weights, [features × outputs], then the tables'.</summary>
    public float[] Weights => _weights;

    /// <summary>One for each wide feature, over <see cref="Weights"/>.</summary>
    public ReadOnlySpan<EmbeddingTable> Tables => _tables;

    /// <summary>[tables]: the category features that are wide.</summary>
    public ReadOnlySpan<int> Features => _wide;

    /// <summary>[numeric features × outputs], none unless they are wide.</summary>
    public Span<float> NumericGradients => _numericGradients;

    /// <summary>Forgets the sums of the last batch.</summary>
    public void Begin(int rowCount)
    {
        _numericSums.Begin();
        foreach (var table in _tables)
        {
            table.Begin(rowCount);
        }
    }

    /// <summary>Adds up what is still apart, once all parts have come.</summary>
    public void Finish()
    {
        _numericSums.Finish(_numericGradients);
        foreach (var table in _tables)
        {
            table.Finish();
        }
    }

    /// <summary>Adds the linear scores of some rows to their outputs.</summary>
    /// <param name="outputs">[rows × outputs or more].</param>
    public void AddScores(FeatureBuffer features, int firstRow, int rows, MatrixSpan outputs)
    {
        for (var feature = 0; feature < _numericGradients.Length / _outputs; feature++)
        {
            var values = features.Numeric(feature).Slice(firstRow, rows);
            var weights = _weights.AsSpan(feature * _outputs, _outputs);
            for (var row = 0; row < rows; row++)
            {
                ElementKernels.AddScaled(values[row], weights, outputs.Values.Slice(row * outputs.RowStride, _outputs));
            }
        }

        for (var place = 0; place < _wide.Length; place++)
        {
            var categories = features.Category(_wide[place]).Slice(firstRow, rows);
            for (var row = 0; row < rows; row++)
            {
                ElementKernels.Add(
                    _weights.AsSpan(_tables[place].ParameterOffset + categories[row] * _outputs, _outputs),
                    outputs.Values.Slice(row * outputs.RowStride, _outputs));
            }
        }
    }

    /// <summary>Adds the gradients of a part's rows.</summary>
    /// <param name="gradients">[rows × outputs or more] with respect to the outputs.</param>
    /// <param name="part">After all that have come.</param>
    public void AddGradients(FeatureBuffer features, int firstRow, int rows, MatrixSpan gradients, int part)
    {
        var numerics = _numericSums.Next(_numericGradients, part, 0, out var isAdded);
        var partSums = isAdded ? _partGradients : numerics;
        partSums.Clear();
        for (var feature = 0; feature < _numericGradients.Length / _outputs; feature++)
        {
            var values = features.Numeric(feature).Slice(firstRow, rows);
            var sums = partSums.Slice(feature * _outputs, _outputs);
            for (var row = 0; row < rows; row++)
            {
                ElementKernels.AddScaled(values[row], gradients.Values.Slice(row * gradients.RowStride, _outputs), sums);
            }
        }

        if (isAdded)
        {
            ElementKernels.Add(partSums, numerics);
        }

        for (var place = 0; place < _wide.Length; place++)
        {
            _tables[place].AddGradients(features.Category(_wide[place]).Slice(firstRow, rows), gradients, 0, part);
        }
    }

    /// <summary>Makes the step of a batch.</summary>
    /// <param name="rowCount">Of the batch, by which the gradients had been divided.</param>
    public void Update(int rowCount)
    {
        ElementKernels.Scale(rowCount, _numericGradients);
        _numericOptimizer.Update(0, _numericGradients, _weights.AsSpan(0, _numericGradients.Length));
        foreach (var table in _tables)
        {
            ElementKernels.Scale(rowCount, table.Gradients);
            table.Update(0, _weights);
        }
    }

    /// <summary>The weights as a linear model without a bias; features that are not wide have weights of 0.</summary>
    /// <param name="scale">By which the network's outputs are multiplied.</param>
    public LinearPredictor Freeze(ModelOutput output, float scale)
    {
        var numerics = new float[_layout.Numerics.Length * _outputs];
        var categories = new float[_layout.CategoryOffsets[^1] * _outputs];
        _weights.AsSpan(0, _numericGradients.Length).CopyTo(numerics);
        for (var place = 0; place < _wide.Length; place++)
        {
            var feature = _wide[place];
            _weights.AsSpan(_tables[place].ParameterOffset, _layout.Categories[feature].Cardinality * _outputs)
                .CopyTo(categories.AsSpan((int)_layout.CategoryOffsets[feature] * _outputs));
        }

        ElementKernels.Scale(scale, numerics);
        ElementKernels.Scale(scale, categories);
        return new LinearPredictor(
            output, _layout, [.. new float[_outputs]],
            ImmutableCollectionsMarshal.AsImmutableArray(numerics), ImmutableCollectionsMarshal.AsImmutableArray(categories));
    }

    /// <summary>Takes up the weights that <see cref="Freeze"/> gave, to the bit; those of features that are not wide are left out.</summary>
    /// <exception cref="ArgumentException">The start has a bias, and a wide part has none.</exception>
    public void StartAt(LinearPredictor start, float scale)
    {
        if (start.Biases.Any(bias => bias != 0))
        {
            throw new ArgumentException(
                $"The wide part has no bias, and the start has {string.Join(", ", start.Biases)}; add it to the network's.", nameof(start));
        }

        for (var index = 0; index < _numericGradients.Length; index++)
        {
            _weights[index] = Unscaled(start.NumericWeights[index], scale);
        }

        _numericOptimizer.StartAt(_weights.AsSpan(0, _numericGradients.Length));
        for (var place = 0; place < _wide.Length; place++)
        {
            var first = (int)_layout.CategoryOffsets[_wide[place]] * _outputs;
            var weights = _weights.AsSpan(_tables[place].ParameterOffset, _layout.Categories[_wide[place]].Cardinality * _outputs);
            for (var index = 0; index < weights.Length; index++)
            {
                weights[index] = Unscaled(start.CategoryWeights[first + index], scale);
            }

            _tableOptimizers[place].StartAt(weights);
        }
    }

    /// <summary>The number whose product with the scale is the weight: the quotient, or one of its neighbours.</summary>
    static float Unscaled(float weight, float scale)
    {
        var quotient = weight / scale;
        ReadOnlySpan<float> candidates = [quotient, MathF.BitIncrement(quotient), MathF.BitDecrement(quotient)];
        foreach (var candidate in candidates)
        {
            if (candidate * scale == weight)
            {
                return candidate;
            }
        }

        return quotient; // of a weight that was never such a product
    }

    public void Save(CheckpointWriter state)
    {
        state.Floats(231, _weights);
        _numericOptimizer.Save(state);
        foreach (var table in _tables)
        {
            table.Save(state);
        }
    }

    public void Restore(CheckpointReader state)
    {
        state.Floats(231, _weights);
        _numericOptimizer.Restore(state);
        foreach (var table in _tables)
        {
            table.Restore(state);
        }
    }

    static int[] Indices(FeatureLayout layout, WideOptions options)
    {
        if (options.Categories is not { } names)
        {
            return [.. Enumerable.Range(0, layout.Categories.Length)];
        }

        var known = layout.Categories.Select(feature => feature.Name).ToArray();
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new ArgumentException(
                $"'{unknown}' is no category feature, so it can't be wide; there are {string.Join(", ", known)}.", nameof(options));
        }

        return [.. Enumerable.Range(0, known.Length).Where(index => names.Contains(known[index], StringComparer.Ordinal))];
    }
}
