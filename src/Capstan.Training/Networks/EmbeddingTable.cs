using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// One category feature's embeddings while they learn. Only rows that occur in a batch have a gradient; they are summed row by
/// row in the batch's order, so cost follows the batch and not the vocabulary, and bits follow the data.
/// </summary>
sealed class EmbeddingTable(int cardinality, int dimension, int parameterOffset, Optimizer optimizer)
{
    // 0 where the category does not occur in this batch, else 1 + its place among those that do.
    readonly int[] _places = new int[cardinality];
    int[] _touched = [];
    float[] _gradients = [];
    int _touchedCount;

    // False while all that occurs has come at once and in ascending order: then nobody has to look a place up.
    bool _arePlaced = true;

    public int Dimension => dimension;

    /// <summary>Where the table begins in the parameters.</summary>
    public int ParameterOffset => parameterOffset;

    /// <summary>Makes room for a batch, so that summing allocates nothing.</summary>
    public void Begin(int rowCount)
    {
        foreach (var category in _touched.AsSpan(0, _arePlaced ? _touchedCount : 0))
        {
            _places[category] = 0;
        }

        (_touchedCount, _arePlaced) = (0, true);

        var most = Math.Min(cardinality, rowCount);
        if (most > _touched.Length)
        {
            _touched = new int[most];
            _gradients = new float[checked(most * dimension)];
        }
    }

    /// <summary>Adds the gradients of some rows' embeddings.</summary>
    /// <param name="categories">[rows].</param>
    /// <param name="gradients">[rows × embedded width].</param>
    /// <param name="column">Where this feature's embedding begins in the embedded width.</param>
    public void AddGradients(ReadOnlySpan<int> categories, MatrixSpan gradients, int column)
    {
        if (_touchedCount == 0 && gradients.RowStride == dimension && IsAscending(categories))
        {
            categories.CopyTo(_touched);
            gradients.Values[..(categories.Length * dimension)].CopyTo(_gradients);
            (_touchedCount, _arePlaced) = (categories.Length, false);
            return;
        }

        Place();
        if (dimension == 1)
        {
            AddNumbers(categories, gradients, column);
            return;
        }

        for (var row = 0; row < categories.Length; row++)
        {
            var source = gradients.Values.Slice(row * gradients.RowStride + column, dimension);
            ref var place = ref _places[categories[row]];
            if (place == 0)
            {
                _touched[_touchedCount++] = categories[row];
                place = _touchedCount;
                source.CopyTo(GradientAt(place - 1));
            }
            else
            {
                ElementKernels.Add(source, GradientAt(place - 1));
            }
        }
    }

    // Rows of one number, such as a wide part's, are worth a loop of their own: the others' calls would take most of the time.
    void AddNumbers(ReadOnlySpan<int> categories, MatrixSpan gradients, int column)
    {
        var (places, touched, sums, count) = (_places, _touched, _gradients, _touchedCount);
        for (var row = 0; row < categories.Length; row++)
        {
            var gradient = gradients.Values[row * gradients.RowStride + column];
            ref var place = ref places[categories[row]];
            if (place == 0)
            {
                touched[count] = categories[row];
                sums[count] = gradient;
                place = ++count;
            }
            else
            {
                sums[place - 1] += gradient;
            }
        }

        _touchedCount = count;
    }

    /// <summary>Adds λ × parameter to the gradient of every embedding that occurs.</summary>
    public void AddPenalty(float l2, ReadOnlySpan<float> parameters)
    {
        for (var place = 0; place < _touchedCount; place++)
        {
            ElementKernels.AddScaled(
                l2, parameters.Slice(parameterOffset + _touched[place] * dimension, dimension), GradientAt(place));
        }
    }

    /// <summary>The gradients of all embeddings that occur, one after the other.</summary>
    public Span<float> Gradients => _gradients.AsSpan(0, _touchedCount * dimension);

    /// <summary>The categories that occur, in the order in which they came; that of <see cref="Gradients"/>.</summary>
    public ReadOnlySpan<int> Touched => _touched.AsSpan(0, _touchedCount);

    /// <summary>Moves the embeddings that occur.</summary>
    public void Update(double learningRate, Span<float> parameters)
    {
        optimizer.BeginStep(learningRate);
        optimizer.UpdateRows(Touched, dimension, Gradients, parameters.Slice(parameterOffset, cardinality * dimension));
    }

    /// <summary>What the optimizer remembers; gradients are of one batch.</summary>
    public void Save(CheckpointWriter state) => optimizer.Save(state);

    public void Restore(CheckpointReader state) => optimizer.Restore(state);

    /// <summary>The gradient of one category's embedding, empty where it does not occur. For tests.</summary>
    internal ReadOnlySpan<float> GradientOf(int category)
    {
        Place();
        return _places[category] == 0 ? [] : GradientAt(_places[category] - 1);
    }

    void Place()
    {
        for (var place = 0; !_arePlaced && place < _touchedCount; place++)
        {
            _places[_touched[place]] = place + 1;
        }

        _arePlaced = true;
    }

    // Each once, too, then.
    static bool IsAscending(ReadOnlySpan<int> categories)
    {
        for (var index = 1; index < categories.Length; index++)
        {
            if (categories[index] <= categories[index - 1])
            {
                return false;
            }
        }

        return true;
    }

    Span<float> GradientAt(int place) => _gradients.AsSpan(place * dimension, dimension);
}
