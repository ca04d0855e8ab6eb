using Capstan.Features;

namespace Capstan.Models;

/// <summary>Attributions of a sum of two models over the same features: the sums of theirs.</summary>
sealed class SumAttributor : IAttributor
{
    readonly IAttributor _left;
    readonly IAttributor _right;
    readonly double[] _baseScores;
    double[] _attributions = [];

    public SumAttributor(IAttributor left, IAttributor right)
    {
        (_left, _right) = (left, right);
        _baseScores = [.. left.BaseScores];
        for (var score = 0; score < _baseScores.Length; score++)
        {
            _baseScores[score] += right.BaseScores[score];
        }
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        _left.Attribute(features, attributions);
        if (_attributions.Length < attributions.Length)
        {
            _attributions = new double[attributions.Length];
        }

        var others = _attributions.AsSpan(0, attributions.Length);
        _right.Attribute(features, others);
        for (var index = 0; index < others.Length; index++)
        {
            attributions[index] += others[index];
        }
    }
}
