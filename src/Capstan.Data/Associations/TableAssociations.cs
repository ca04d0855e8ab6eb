using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>
/// How the columns of a table go together: correlations of numbers, associations of categories, and both with each other, found
/// in one pass. Of the first columns of each kind: every pair is work for every row.
/// </summary>
/// <remarks>
/// Categories are texts and truths of at most 50 different values; a column with more is left out once that is known. Rows count
/// for a pair where both columns are present.
/// </remarks>
public sealed partial class TableAssociations
{
    /// <summary>Of numbers, and of categories.</summary>
    public const int MostColumns = 20;

    readonly ImmutableArray<string> _numbers;
    readonly ImmutableArray<string> _categories;
    readonly CategoryCodes[] _codes;
    readonly double[][] _values;
    readonly int[][] _valueCodes;

    // By pair, in the order of the columns: numbers i < j, categories i < j, and every category with every number.
    readonly PairMoments[] _pairs;
    readonly PairCounts[] _counts;
    readonly GroupMoments[] _groups;

    /// <param name="label">Looked at even where it is not among the first; null for none.</param>
    /// <exception cref="UnknownColumnException">There is no such column.</exception>
    public TableAssociations(Schema schema, string? label)
    {
        var preferred = label is null ? [] : new[] { schema[label] };
        var ordered = preferred.Concat(schema.Fields).DistinctBy(field => field.Name, StringComparer.Ordinal).ToArray();
        _numbers = [.. ordered.Where(field => field.Type is DataType.Int64 or DataType.Float64).Select(field => field.Name)
            .Take(MostColumns)];
        _categories = [.. ordered.Where(field => field.Type is DataType.Text or DataType.Boolean).Select(field => field.Name)
            .Take(MostColumns)];
        _codes = [.. _categories.Select(_ => new CategoryCodes())];
        (_values, _valueCodes) = (new double[_numbers.Length][], new int[_categories.Length][]);
        _pairs = new PairMoments[_numbers.Length * (_numbers.Length - 1) / 2];
        _counts = [.. Enumerable.Range(0, _categories.Length * (_categories.Length - 1) / 2).Select(_ => new PairCounts())];
        _groups = [.. Enumerable.Range(0, _categories.Length * _numbers.Length).Select(_ => new GroupMoments())];
        LeftOut = [.. ordered.Select(field => field.Name).Except(_numbers).Except(_categories)];
    }

    /// <summary>The columns that are looked at.</summary>
    public IEnumerable<string> Columns => _numbers.Concat(_categories);

    /// <summary>Those that are not: other types, and more than <see cref="MostColumns"/>.</summary>
    public ImmutableArray<string> LeftOut { get; }

    /// <summary>Categories that have too many values.</summary>
    public IEnumerable<string> TooManyValues => _categories.Where((_, index) => _codes[index].IsFull);

    /// <summary>Every pair of columns of which something can be said, the strongest first.</summary>
    public IReadOnlyList<Association> Pairs
    {
        get
        {
            var found = new List<Association>();
            foreach (var (left, right, pair) in PairsOf(_numbers.Length))
            {
                Add(_numbers[left], _numbers[right], AssociationKind.Correlation, _pairs[pair].Correlation, _pairs[pair].Count);
            }

            foreach (var (left, right, pair) in PairsOf(_categories.Length)
                .Where(pair => !_codes[pair.Left].IsFull && !_codes[pair.Right].IsFull))
            {
                var strength = _counts[pair].CramersV(_codes[left].Count, _codes[right].Count);
                Add(_categories[left], _categories[right], AssociationKind.CramersV, strength, _counts[pair].Total);
            }

            foreach (var (category, number) in Crossings().Where(crossing => !_codes[crossing.Category].IsFull))
            {
                var group = _groups[category * _numbers.Length + number];
                Add(_categories[category], _numbers[number], AssociationKind.CorrelationRatio, group.Ratio, group.Total.Count);
            }

            return [.. found.OrderByDescending(pair => Math.Abs(pair.Strength))];

            void Add(string left, string right, AssociationKind kind, double? strength, long rows)
            {
                if (strength is { } known)
                {
                    found.Add(new Association(left, right, kind, known, rows));
                }
            }
        }
    }

    /// <summary>The associations of a source's columns, in one pass on several threads whose number changes no result.</summary>
    /// <exception cref="UnknownColumnException">There is no such label.</exception>
    public static async Task<TableAssociations> OfAsync(
        IBatchSource source, string? label, int threads, CancellationToken cancellationToken)
    {
        using var pass = new ParallelPass(source, threads, passed: null);
        string[] columns = [.. new TableAssociations(source.Schema, label).Columns];
        return columns.Length == 0 ? new TableAssociations(source.Schema, label) : await pass.RunAsync(
            Empty, (span, token) => pass.ReadAsync<TableAssociations>(span, columns, Begin, Merge, token), Merge,
            cancellationToken);

        TableAssociations Empty() => new(source.Schema, label);

        (TableAssociations, Action<ColumnBatch>) Begin() => Empty() is var empty ? (empty, empty.Observe) : default;

        static TableAssociations Merge(TableAssociations left, TableAssociations right)
        {
            // Nobody else has the first's, which become those of both.
            left.Absorb(right);
            return left;
        }
    }

    /// <param name="batch">With <see cref="Columns"/>, and any others.</param>
    public void Observe(ColumnBatch batch)
    {
        for (var index = 0; index < _numbers.Length; index++)
        {
            Fill(batch[_numbers[index]], ref _values[index]);
        }

        for (var index = 0; index < _categories.Length; index++)
        {
            Fill(batch[_categories[index]], _codes[index], ref _valueCodes[index]);
        }

        foreach (var (left, right, pair) in PairsOf(_numbers.Length))
        {
            _pairs[pair].Observe(_values[left], _values[right]);
        }

        foreach (var (left, right, pair) in PairsOf(_categories.Length))
        {
            _counts[pair].Observe(_valueCodes[left], _valueCodes[right]);
        }

        foreach (var (category, number) in Crossings())
        {
            _groups[category * _numbers.Length + number].Observe(_valueCodes[category], _values[number]);
        }
    }

    /// <summary>Takes in what another has observed, of the same columns.</summary>
    public void Absorb(TableAssociations other)
    {
        int[][] codes = [.. _codes.Zip(other._codes, (mine, theirs) => mine.Absorb(theirs))];
        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            _pairs[pair].Absorb(other._pairs[pair]);
        }

        foreach (var (left, right, pair) in PairsOf(_categories.Length))
        {
            _counts[pair].Absorb(other._counts[pair], codes[left], codes[right]);
        }

        foreach (var (category, number) in Crossings())
        {
            _groups[category * _numbers.Length + number].Absorb(
                other._groups[category * _numbers.Length + number], codes[category]);
        }
    }

    IEnumerable<(int Category, int Number)> Crossings() =>
        from category in Enumerable.Range(0, _categories.Length)
        from number in Enumerable.Range(0, _numbers.Length)
        select (category, number);

    static IEnumerable<(int Left, int Right, int Pair)> PairsOf(int count) =>
        Enumerable.Range(0, count).SelectMany(left => Enumerable.Range(left + 1, count - left - 1).Select(right => (left, right)))
            .Select((pair, index) => (pair.left, pair.right, index));

    /// <summary>NaN for missing.</summary>
    static void Fill(Column column, ref double[] values)
    {
        Array.Resize(ref values, column.Length);
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = !column.IsPresent(row) ? double.NaN : column.Type == DataType.Int64 ? column.Int64s[row]
                : column.Float64s[row];
        }
    }

    /// <summary>−1 for missing.</summary>
    static void Fill(Column column, CategoryCodes codes, ref int[] values)
    {
        Array.Resize(ref values, column.Length);
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = !column.IsPresent(row) || codes.IsFull ? -1
                : codes.CodeOf(column.Type == DataType.Text ? column.TextAt(row) : column.BooleanAt(row) ? "true"u8 : "false"u8);
        }
    }
}
