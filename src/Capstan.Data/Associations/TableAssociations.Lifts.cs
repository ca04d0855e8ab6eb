namespace Capstan.Data;

// What values say of a label.
public sealed partial class TableAssociations
{
    /// <summary>A value in fewer rows says nothing of the label.</summary>
    public const long LeastRows = 30;

    /// <summary>
    /// What the values of categories say of the label, the surest first: shares of its values, or means of its numbers.
    /// </summary>
    /// <param name="label">The one that was given.</param>
    public IReadOnlyList<LabelLift> Lifts(string label) =>
    [
        .. (_numbers.IndexOf(label) is >= 0 and var number ? LiftsOfNumber(number) : LiftsOfCategory(_categories.IndexOf(label)))
            .OrderByDescending(lift => lift.Score),
    ];

    IEnumerable<LabelLift> LiftsOfNumber(int label)
    {
        for (var category = 0; category < _categories.Length; category++)
        {
            var groups = _groups[category * _numbers.Length + label];
            var total = groups.Total;
            for (var code = 0; !_codes[category].IsFull && total.StandardDeviation > 0 && code < _codes[category].Count; code++)
            {
                if (groups[code] is { Count: >= LeastRows } group)
                {
                    var shift = (group.Mean - total.Mean) / total.StandardDeviation;
                    yield return new LabelLift(
                        _categories[category], _codes[category].TextAt(code), group.Count, null, group.Mean, total.Mean, shift,
                        Math.Abs(shift) * Math.Sqrt(group.Count));
                }
            }
        }
    }

    IEnumerable<LabelLift> LiftsOfCategory(int label)
    {
        foreach (var (left, right, pair) in PairsOf(_categories.Length).Where(pair => pair.Left == label || pair.Right == label))
        {
            var (column, counts, isTurned) = (left == label ? right : left, _counts[pair], left == label);
            if (_codes[column].IsFull || _codes[label].IsFull)
            {
                continue;
            }

            double total = counts.Total;
            for (var value = 0; value < _codes[column].Count; value++)
            {
                var rows = isTurned ? counts.RightTotal(value, _codes[left].Count) : counts.LeftTotal(value, _codes[right].Count);
                for (var labelValue = 0; rows >= LeastRows && labelValue < _codes[label].Count; labelValue++)
                {
                    var both = isTurned ? counts[labelValue, value] : counts[value, labelValue];
                    var labelRows = isTurned ? counts.LeftTotal(labelValue, _codes[right].Count)
                        : counts.RightTotal(labelValue, _codes[left].Count);
                    var (found, expected) = ((double)both / rows, labelRows / total);
                    if (expected is > 0 and < 1)
                    {
                        yield return new LabelLift(
                            _categories[column], _codes[column].TextAt(value), rows, _codes[label].TextAt(labelValue), found,
                            expected, found / expected,
                            Math.Abs(found - expected) / Math.Sqrt(expected * (1 - expected) / rows));
                    }
                }
            }
        }
    }
}
