using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Features;

/// <summary>
/// Our patterns (<see cref="TextPattern"/>, .NET's over UTF-16) as RE2's over code points, for whether a match is anywhere in a
/// text. Which characters an escape or class stands for is asked of .NET and written out, so that both mean the same whatever
/// their tables and rules of case.
/// </summary>
/// <remarks>
/// Taken: characters, classes, groups, alternatives, repetitions (greedy or not finds the same), <c>^</c>, and <c>$</c> where
/// nothing can follow. What stands for halves of characters beyond U+FFFF, as <c>.</c> does, is taken once in a pattern and
/// repeated without limit: only then both halves go together.
/// </remarks>
sealed class OnnxPattern
{
    /// <summary>What comes next where the pattern ends; a pattern that has it itself is refused.</summary>
    const char End = '\0';
    const int AllHalves = 0x800;

    static readonly ConcurrentDictionary<string, (string Ranges, int Halves)> Classes = new(StringComparer.Ordinal);
    static readonly Regex Repetition = new(@"\G(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})", RegexOptions.CultureInvariant);
    static readonly Regex OneCharacter = new(
        @"\G(?:\[\^?\]?(?:[^\]\[\\]|\\.)*\]|\.|\\(?:[dDwWsStrnfvae]|[pP]\{\w+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^\w\s]))",
        RegexOptions.CultureInvariant | RegexOptions.Singleline);

    static readonly Regex Opening = new(@"\G\((?:\?:|\?<\w+>)?(?!\?)", RegexOptions.CultureInvariant);
    static readonly Regex Settings = new(@"\A\(\?([is]+)\)", RegexOptions.CultureInvariant);

    readonly CallExpr _call;
    readonly string _pattern;
    readonly string _settings;
    int _at;
    int _depth;
    bool _hasHalves;

    OnnxPattern(CallExpr call)
    {
        (_call, _pattern) = (call, ((TextExpr)call.Operands[1]).Value);
        _settings = Settings.Match(_pattern).Value;
        _at = _settings.Length;
    }

    /// <summary>A pattern that the whole text must match.</summary>
    /// <param name="call">Of <see cref="ScalarFunction.RegexMatches"/>.</param>
    /// <exception cref="OnnxNotSupportedException">The pattern is none that is known to mean the same.</exception>
    public static string Of(CallExpr call)
    {
        var translation = new OnnxPattern(call);
        var body = translation.Alternatives();
        return translation._at == translation._pattern.Length ? $"{OnnxTextFunctions.Any}*(?:{body}){OnnxTextFunctions.Any}*"
            : throw translation.Refusal();
    }

    string Alternatives()
    {
        var sequences = new List<string> { Sequence() };
        while (Next == '|')
        {
            _at++;
            sequences.Add(Sequence());
        }

        return string.Join('|', sequences);
    }

    string Sequence()
    {
        var sequence = new StringBuilder();
        while (Next is not ('|' or ')' or End))
        {
            sequence.Append(Part());
        }

        return sequence.ToString();
    }

    string Part()
    {
        var (first, hadHalves) = (_pattern[_at], _hasHalves);
        switch (first)
        {
            case '^':
                _at++;
                return NeverRepeated(@"\A");
            case '$':
                _at++;
                return _depth == 0 && Next is ('|' or End) ? @"(?:\x{a}?\z)" : throw Refusal();
            case '(':
                var group = $"(?:{Group()})";
                var repetition = RepetitionHere();
                return repetition.Length == 0 || hadHalves == _hasHalves ? group + repetition : throw HalvesRefusal();
        }

        if (_pattern.AsSpan(_at) is ['\\', 'A' or 'z', ..])
        {
            _at += 2;
            return NeverRepeated(_pattern[(_at - 2).._at]);
        }

        if (Rune.TryGetRuneAt(_pattern, _at, out var rune) && !rune.IsBmp)
        {
            _at += 2;
            return NeverRepeated(CodePointClass.Quote(rune.ToString()));
        }

        return OneOf(Unit());
    }

    string Group()
    {
        var opening = Opening.Match(_pattern, _at);
        if (!opening.Success)
        {
            throw Refusal();
        }

        _at += opening.Length;
        _depth++;
        var inside = Alternatives();
        _depth--;
        _at += Next == ')' ? 1 : throw Refusal();
        return inside;
    }

    /// <summary>What stands for one UTF-16 unit.</summary>
    string Unit()
    {
        var unit = OneCharacter.Match(_pattern, _at) is { Success: true, Value: var found } ? found
            : _pattern[_at] is '\\' or '[' or '*' or '+' or '?' ? throw Refusal()
            : Regex.Escape(_pattern[_at].ToString());
        _at += OneCharacter.Match(_pattern, _at) is { Success: true, Length: var length } ? length : 1;
        return unit;
    }

    string OneOf(string unit)
    {
        var (ranges, halves) = Classes.GetOrAdd(_settings + unit, ClassOf);
        var repetition = RepetitionHere();
        var isApart = halves is not (0 or AllHalves) || (halves > 0 && (_hasHalves || repetition is not ("*" or "+")));
        _hasHalves |= halves > 0;
        return ranges.Length > 0 && !isApart ? $"[{ranges}]{repetition}" : throw HalvesRefusal();
    }

    /// <summary>The units that a pattern matches; all halves of characters as all characters that have halves.</summary>
    static (string Ranges, int Halves) ClassOf(string pattern)
    {
        var matches = new bool[char.MaxValue + 1];
        var everything = string.Create(matches.Length, 0, (units, _) =>
        {
            for (var unit = 0; unit < units.Length; unit++)
            {
                units[unit] = (char)unit;
            }
        });
        foreach (var match in new Regex(pattern, TextPattern.Options).EnumerateMatches(everything))
        {
            matches[match.Index] = match.Length == 1;
        }

        var halves = matches[0xd800..0xe000].Count(matches => matches);
        return (CodePointClass.Of(rune => rune.IsBmp ? matches[rune.Value] : halves > 0), halves);
    }

    string RepetitionHere()
    {
        var repetition = Repetition.Match(_pattern, _at).Value;
        _at += repetition.Length;
        _at += repetition.Length > 0 && Next == '?' ? 1 : 0;
        return repetition switch
        {
            "{0,}" => "*",
            "{1,}" => "+",
            _ => repetition,
        };
    }

    string NeverRepeated(string part) => Repetition.IsMatch(_pattern, _at) ? throw Refusal() : part;

    char Next => _at < _pattern.Length ? _pattern[_at] : End;

    OnnxNotSupportedException Refusal() => new(_call, string.Create(
        CultureInfo.InvariantCulture,
        $"of its pattern, what stands at character {_at} is not known to mean the same in ONNX; write it with characters, " +
        $"classes, groups, alternatives and repetitions, or match before."));

    OnnxNotSupportedException HalvesRefusal() => new(_call, string.Create(
        CultureInfo.InvariantCulture, $"its pattern, up to character {_at}, sees a character beyond U+FFFF as two and ONNX " +
            $"sees one; let '.' and classes such as [^,] stand once and end in * or +."));
}
