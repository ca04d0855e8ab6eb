using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// One category feature's embeddings while they learn. Only rows that occur in a batch have a gradient; within a part of the batch they are summed row by
/// row in the batch's order, and the parts' sums in that of <see cref="PartTree"/>: so cost follows the batch and not the vocabulary, and bits follow the data.
/// </summary>
/// <remarks>
/// A row's sums that wait for others lie one above the other (<see cref="WaitingSums"/>), the lowest among <see cref="Gradients"/>. Rows that do not occur in a
/// part are not looked at for it. As long as the same rows come with every node, as of a table of few categories, their sums are put together as one array.
/// </remarks>
sealed class EmbeddingTable(int cardinality, int dimension, int parameterOffset, Optimizer optimizer)
{
    // 0 where the category does not occur in this batch, else 1 + its place among those that do.
    readonly int[] _places = new int[cardinality];
    int[] _touched = [];
    float[] _gradients = [];
    int _touchedCount;

    // By place, the sum that is highest and a part of it.
    RowTop[] _tops = [];
    readonly WaitingSums _waiting = new(dimension);

    // False while all that occurs has come at once and in ascending order: then nobody has to look a place up.
    bool _arePlaced = true;

    // While the same rows have come with every node: their sums.
    readonly PartSums _alike = new(0);
    bool _areAlike;

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

        (_touchedCount, _arePlaced, _areAlike) = (0, true, false);
        _waiting.Clear();

        var most = Math.Min(cardinality, rowCount);
        if (most > _touched.Length)
        {
            _touched = new int[most];
            _tops = new RowTop[most];
            _gradients = new float[checked(most * dimension)];
        }
    }

    /// <summary>Adds the gradients of some examples of a part.</summary>
    /// <param name="categories">[rows].</param>
    /// <param name="gradients">[rows × embedded width].</param>
    /// <param name="column">Where this feature's embedding begins in the embedded width.</param>
    /// <param name="part">That of the last call, or a later one.</param>
    public void AddGradients(ReadOnlySpan<int> categories, MatrixSpan gradients, int column, int part) =>
        Add(categories, gradients, column, part, -1);

    /// <summary>Adds the sums of a node of <see cref="PartTree"/>.</summary>
    /// <param name="categories">[rows], each once.</param>
    /// <param name="sums">[rows × dimension].</param>
    /// <param name="part">The node's first, after all that have come.</param>
    /// <param name="level">Of the node.</param>
    public void AddSums(ReadOnlySpan<int> categories, MatrixSpan sums, int part, int level) => Add(categories, sums, 0, part, level);

    /// <summary>Adds up what is still apart, once all parts have come.</summary>
    public void Finish()
    {
        if (_areAlike)
        {
            _alike.Finish(Gradients);
        }

        for (var place = 0; _waiting.Any && place < _touchedCount; place++)
        {
            while (_tops[place].Slot >= 0)
            {
                _waiting.Join(ref _tops[place], GradientAt(place));
            }
        }
    }

    void Add(ReadOnlySpan<int> categories, MatrixSpan gradients, int column, int part, int level)
    {
        if (_touchedCount == 0 && gradients.RowStride == dimension && IsAscending(categories))
        {
            categories.CopyTo(_touched);
            gradients.Values[..(categories.Length * dimension)].CopyTo(_gradients);
            (_touchedCount, _arePlaced) = (categories.Length, false);
            BeginAlike(part, level);
            return;
        }

        if (_areAlike && level >= 0 && gradients.RowStride == dimension && categories.SequenceEqual(Touched))
        {
            AddAlike(gradients, part, level);
            return;
        }

        var isFirst = _touchedCount == 0;
        AddByRow(categories, gradients, column, part, level);
        if (isFirst && level >= 0 && _touchedCount == categories.Length) // each once
        {
            BeginAlike(part, level);
        }
    }

    void AddByRow(ReadOnlySpan<int> categories, MatrixSpan gradients, int column, int part, int level)
    {
        Place();
        if (dimension == 1)
        {
            AddNumbers(categories, gradients, column, part, level);
            return;
        }

        for (var row = 0; row < categories.Length; row++)
        {
            var source = gradients.Values.Slice(row * gradients.RowStride + column, dimension);
            ref var place = ref _places[categories[row]];
            if (place == 0)
            {
                _touched[_touchedCount] = categories[row];
                _tops[_touchedCount] = new RowTop(-1, part);
                place = ++_touchedCount;
                source.CopyTo(GradientAt(place - 1));
                continue;
            }

            var target = _waiting.Next(ref _tops[place - 1], GradientAt(place - 1), part, level, out var isAdded);
            PartSums.Put(source, target, isAdded);
        }
    }

    void BeginAlike(int part, int level)
    {
        _alike.Begin(_touchedCount * dimension);
        _alike.Next(Gradients, part, level, out _);
        _areAlike = true;
    }

    void AddAlike(MatrixSpan gradients, int part, int level)
    {
        var source = gradients.Values[..(_touchedCount * dimension)];
        var target = _alike.Next(Gradients, part, level, out var isAdded);
        PartSums.Put(source, target, isAdded);
    }

    // Rows of one number, such as a wide part's, are worth a loop of their own: the others' calls would take most of the time.
    void AddNumbers(ReadOnlySpan<int> categories, MatrixSpan gradients, int column, int part, int level)
    {
        var (places, touched, sums, tops, count) = (_places, _touched, _gradients, _tops, _touchedCount);
        for (var row = 0; row < categories.Length; row++)
        {
            var gradient = gradients.Values[row * gradients.RowStride + column];
            ref var place = ref places[categories[row]];
            if (place == 0)
            {
                touched[count] = categories[row];
                sums[count] = gradient;
                tops[count] = new RowTop(-1, part);
                place = ++count;
                continue;
            }

            ref var top = ref tops[place - 1];
            if (top.Slot < 0 && (top.Part == part || PartTree.Meeting(top.Part, part) == level))
            {
                sums[place - 1] += gradient;
                continue;
            }

            ref var target = ref _waiting.Next(ref top, sums.AsSpan(place - 1, 1), part, level, out var isAdded)[0];
            target = isAdded ? target + gradient : gradient;
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

    /// <summary>The gradients of all embeddings that occur, one after the other; whole once <see cref="Finish"/> was called.</summary>
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
        if (!_areAlike)
        {
            return;
        }

        _areAlike = false;
        for (var place = 0; place < _touchedCount; place++)
        {
            _tops[place] = new RowTop(-1, _alike.PartOf(0));
        }

        for (var sum = 1; sum < _alike.Count; sum++)
        {
            var values = _alike.SumOf(sum, Gradients);
            for (var place = 0; place < _touchedCount; place++)
            {
                values.Slice(place * dimension, dimension).CopyTo(_waiting.Above(ref _tops[place], _alike.PartOf(sum)));
            }
        }
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
