namespace Capstan.Features;

/// <summary>Reads the terms of vectors.</summary>
sealed partial class CallBuilder
{
    /// <summary>Terms in a list, each with its factor behind it where that is not 1; else options.</summary>
    VectorTerms VectorTermsOf(TermWeight weight)
    {
        if (_lists is not [var list])
        {
            var isSmooth = weight != TermWeight.InverseFrequency || TakeWhole("smooth", 1, 1) == 1;
            return new LearnedVectorTerms(
                (int)TakeWhole("max_size", int.MaxValue, 100), TakeWhole("min_count", long.MaxValue, 1), isSmooth);
        }

        _lists.Clear();
        var step = weight == TermWeight.InverseFrequency || list.Any(token => token.Kind == TokenKind.Number) ? 2 : 1;
        for (var index = 0; index < list.Count; index++)
        {
            if (list[index].Kind != (index % step == 0 ? TokenKind.Text : TokenKind.Number))
            {
                throw parser.Fail(
                    $"The list of {name.Text} holds quoted terms{(step == 2 ? ", each followed by its factor" : "")}",
                    list[index].Position);
            }
        }

        return list.Count % step == 0
            ? new FixedVectorTerms(
                [.. list.Where(token => token.Kind == TokenKind.Text).Select(token => token.Text)],
                [.. step == 2 ? list.Where(token => token.Kind == TokenKind.Number).Select(token => token.Number)
                    : list.Select(_ => 1.0)])
            : throw parser.Fail($"The last term of {name.Text} has no factor", list[^1].Position);
    }
}
