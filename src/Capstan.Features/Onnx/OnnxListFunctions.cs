namespace Capstan.Features;

/// <summary>Functions of lists, of standard operators only. Texts and numbers of a row are [rows × 1].</summary>
sealed class OnnxListFunctions(OnnxGraph graph)
{
    /// <summary>Every min to max items that stand next to each other, joined.</summary>
    public OnnxList NGrams(OnnxList list, int min, int max, string separator)
    {
        var packed = list.IsPacked ? list : Packed(list);
        var (items, present) = (
            Extended(packed.Items, graph.Constant("")), Extended(graph.Cast(packed.Present, OnnxType.Int64), graph.Constant(0L)));
        var (grams, areWhole) = (new List<OnnxValue>(), new List<OnnxValue>());
        var gram = packed.Items;
        for (var size = 1; size <= max; size++)
        {
            gram = size == 1 ? gram : Concat(Concat(gram, graph.Constant(separator)), Shifted(items, size - 1));
            if (size >= min)
            {
                grams.Add(Layer(gram));
                // Items stand at the beginning, so where the last one of a gram stands, all of it does.
                areWhole.Add(Layer(Shifted(present, size - 1)));
            }
        }

        // In the order of where they begin, short ones first: [rows × width × sizes] flattened. Each 0 keeps a size.
        var width = graph.Arithmetic("Mul", ColumnsOf(packed.Items), graph.Constants([grams.Count]));
        var flat = graph.Apply("Concat", OnnxType.Int64, [graph.Constants([0]), width], new OnnxNumber("axis", 0));
        var isWhole = graph.Cast(Flat(areWhole, OnnxType.Int64), OnnxType.Boolean);
        var isTooMany = graph.Condition("Less", graph.Constant((long)ListLimits.MostItems), Sum(isWhole));
        return new OnnxList(
            Flat(grams, OnnxType.Text), isWhole, graph.Condition("Or", list.Missing, isTooMany), grams.Count == 1);

        OnnxValue Extended(OnnxValue rows, OnnxValue padding)
        {
            if (max == 1)
            {
                return rows;
            }

            var height = graph.Apply("Shape", OnnxType.Int64, [rows], new OnnxNumber("start", 0), new OnnxNumber("end", 1));
            var size = graph.Apply("Concat", OnnxType.Int64, [height, graph.Constants([max - 1])], new OnnxNumber("axis", 0));
            var more = graph.Apply("Expand", rows.Type, [padding, size]);
            return graph.Apply("Concat", rows.Type, [rows, more], new OnnxNumber("axis", 1));
        }

        OnnxValue Shifted(OnnxValue extended, int by) => max == 1 ? extended
            : Slice(extended, by, by == max - 1 ? long.MaxValue : by - (max - 1), 1);

        OnnxValue Layer(OnnxValue rows) => graph.Apply("Unsqueeze", rows.Type, [rows, graph.Axis(2)]);

        OnnxValue Flat(List<OnnxValue> layers, OnnxType type) => graph.Apply(
            "Reshape", type, [graph.Apply("Concat", type, layers.ToArray(), new OnnxNumber("axis", 2)), flat]);
    }

    /// <summary>
    /// Without what stands in the list before, by the places of first occurrences among numbers of row and text.
    /// </summary>
    public OnnxList Distinct(OnnxList list)
    {
        var shape = graph.Apply("Shape", OnnxType.Int64, [list.Items]);
        var texts = graph.Apply("Reshape", OnnxType.Int64, [Unique(list.Items)[2], shape]);
        var one = graph.Arithmetic("Add", graph.Arithmetic("Mul", First(texts), graph.Constant(0L)), graph.Constant(1L));
        var row = graph.Apply("CumSum", OnnxType.Int64, [one, graph.Axis(0)]);
        var count = graph.Apply("Size", OnnxType.Int64, [list.Items]);
        var number = graph.Arithmetic("Add", graph.Arithmetic("Mul", row, count), texts);
        var firsts = Unique(graph.Where(list.Present, number, graph.Constant(-1L)))[1];
        var nowhere = graph.Apply(
            "Expand", OnnxType.Int64, [graph.Axis(0), graph.Apply("Unsqueeze", OnnxType.Int64, [count, graph.Axis(0)])]);
        var ones = graph.Arithmetic("Add", graph.Arithmetic("Mul", firsts, graph.Axis(0)), graph.Axis(1));
        var marks = graph.Apply("ScatterElements", OnnxType.Int64, [nowhere, firsts, ones]);
        var isFirst = graph.Cast(graph.Apply("Reshape", OnnxType.Int64, [marks, shape]), OnnxType.Boolean);
        return list with { Present = graph.Condition("And", list.Present, isFirst), IsPacked = false };

        OnnxValue[] Unique(OnnxValue values) =>
            graph.ApplyForAll("Unique", [values.Type, OnnxType.Int64, OnnxType.Int64], [values], new OnnxNumber("sorted", 0));
    }

    /// <summary>How many items a list has, as integers.</summary>
    public OnnxValue Count(OnnxList list) => Sum(list.Present);

    /// <summary>Whether an item equals the row's text.</summary>
    public OnnxValue Includes(OnnxList list, OnnxValue text) => graph.Condition(
        "Less", graph.Constant(0L), Sum(graph.Condition("And", list.Present, graph.Condition("Equal", list.Items, text))));

    /// <summary>The item at a place, and the condition that there is none.</summary>
    /// <param name="place">Integers [rows × 1], 0-based; none where negative.</param>
    public (OnnxValue Item, OnnxValue Missing) Item(OnnxList list, OnnxValue place)
    {
        var rank = graph.Arithmetic("Sub", RankOf(list), graph.Constant(1L));
        var isItem = graph.Condition("And", list.Present, graph.Condition("Equal", rank, place));
        var column = graph.Apply(
            "ArgMax", OnnxType.Int64, [graph.Cast(isItem, OnnxType.Float32)], new OnnxNumber("axis", 1),
            new OnnxNumber("keepdims", 1));
        var item = graph.Apply("GatherElements", OnnxType.Text, [list.Items, column], new OnnxNumber("axis", 1));
        var isNone = graph.Condition("Equal", Sum(isItem), graph.Constant(0L));
        return (graph.Where(isNone, graph.Constant(""), item), isNone);
    }

    /// <summary>The items as one text.</summary>
    public OnnxValue Join(OnnxList list, OnnxValue separator)
    {
        var isFirst = graph.Condition("Equal", RankOf(list), graph.Constant(1L));
        var items = graph.Where(isFirst, list.Items, Concat(separator, list.Items));
        return Concatenation(graph.Where(list.Present, items, graph.Constant("")));
    }

    /// <summary>
    /// How often each of some terms stands in the list, as doubles [rows × terms + 1]; the last column counts items that are no
    /// term. By adding up, so that the work grows with the items and not with items times terms.
    /// </summary>
    public OnnxValue Counts(OnnxList list, ValueList<string> terms)
    {
        long others = terms.Count;
        var found = graph.Apply(
            "LabelEncoder", OnnxType.Int64, [list.Items], new OnnxTexts("keys_strings", terms.Items),
            new OnnxNumbers("values_int64s", [.. Enumerable.Range(0, terms.Count).Select(index => (long)index)]),
            new OnnxNumber("default_int64", others));
        var term = graph.Where(list.Present, found, graph.Constant(others));
        var ones = graph.Cast(graph.Condition("Equal", term, term), OnnxType.Float64);
        var zero = graph.Arithmetic("Sub", First(ones), First(ones));
        var none = graph.Apply("Expand", OnnxType.Float64, [zero, graph.Constants([1, others + 1])]);
        return graph.Apply(
            "ScatterElements", OnnxType.Float64, [none, term, ones], new OnnxNumber("axis", 1), new OnnxText("reduction", "add"));
    }

    /// <summary>
    /// The texts of each row, one after the other. Neighbours are joined until one is left, so that no text is copied often.
    /// </summary>
    /// <param name="pieces">[rows × width], width ≥ 1.</param>
    public OnnxValue Concatenation(OnnxValue pieces) => graph.While(
        pieces,
        value => graph.Condition("Less", graph.Axis(1), ColumnsOf(value)),
        value =>
        {
            var even = WithColumn(value);
            return Concat(Slice(even, 0, -1, 2), Slice(even, 1, long.MaxValue, 2));
        });

    /// <summary>One column of empty texts more.</summary>
    public OnnxValue WithColumn(OnnxValue texts)
    {
        var height = graph.Apply("Shape", OnnxType.Int64, [texts], new OnnxNumber("start", 0), new OnnxNumber("end", 1));
        var size = graph.Apply("Concat", OnnxType.Int64, [height, graph.Axis(1)], new OnnxNumber("axis", 0));
        var empty = graph.Apply("Expand", OnnxType.Text, [graph.Constant(""), size]);
        return graph.Apply("Concat", OnnxType.Text, [texts, empty], new OnnxNumber("axis", 1));
    }

    /// <summary>The 0-based numbers of the columns, [1 × width].</summary>
    public OnnxValue Places(OnnxValue items)
    {
        var size = graph.Apply("Concat", OnnxType.Int64, [graph.Axis(1), ColumnsOf(items)], new OnnxNumber("axis", 0));
        var ones = graph.Apply("Expand", OnnxType.Int64, [graph.Constant(1L), size]);
        return graph.Arithmetic("Sub", graph.Apply("CumSum", OnnxType.Int64, [ones, graph.Axis(1)]), graph.Constant(1L));
    }

    /// <summary>How many of a row's conditions hold, as integers [rows × 1].</summary>
    public OnnxValue Sum(OnnxValue conditions) => graph.Apply(
        "ReduceSum", OnnxType.Int64, [graph.Cast(conditions, OnnxType.Int64), graph.Axis(1)], new OnnxNumber("keepdims", 1));

    /// <summary>How many items stand at each place or before.</summary>
    OnnxValue RankOf(OnnxList list) => list.IsPacked
        ? graph.Arithmetic("Add", Places(list.Items), graph.Constant(1L))
        : graph.Apply("CumSum", OnnxType.Int64, [graph.Cast(list.Present, OnnxType.Int64), graph.Axis(1)]);

    /// <summary>The items of each row at its beginning.</summary>
    OnnxList Packed(OnnxList list)
    {
        var places = Places(list.Items);
        var behind = graph.Arithmetic("Add", places, ColumnsOf(list.Items));
        // The smallest first, which are as many as there are columns: all of them, sorted.
        var order = graph.ApplyForAll(
            "TopK", [OnnxType.Int64, OnnxType.Int64], [graph.Where(list.Present, places, behind), ColumnsOf(list.Items)],
            new OnnxNumber("axis", 1), new OnnxNumber("largest", 0))[1];
        return list with
        {
            Items = graph.Apply("GatherElements", OnnxType.Text, [list.Items, order], new OnnxNumber("axis", 1)),
            Present = graph.Condition("Less", places, Count(list)),
            IsPacked = true,
        };
    }

    /// <summary>The first column.</summary>
    OnnxValue First(OnnxValue rows) => Slice(rows, 0, 1, 1);

    OnnxValue Slice(OnnxValue rows, long start, long end, long step) => graph.Apply(
        "Slice", rows.Type, [rows, graph.Constants([start]), graph.Constants([end]), graph.Axis(1), graph.Constants([step])]);

    OnnxValue ColumnsOf(OnnxValue rows) => graph.Apply(
        "Shape", OnnxType.Int64, [rows], new OnnxNumber("start", 1), new OnnxNumber("end", 2));

    OnnxValue Concat(OnnxValue x, OnnxValue y) => graph.Apply("StringConcat", OnnxType.Text, [x, y]);
}
