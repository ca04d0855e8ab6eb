using System.Globalization;
using System.Text;

namespace Capstan.Features;

/// <summary>A text that is not an expression.</summary>
/// <param name="text">The whole text.</param>
/// <param name="position">0-based position of the first character that does not fit.</param>
/// <param name="problem">What was found and what was expected.</param>
public sealed class ExpressionSyntaxException(string text, int position, string problem)
    : FormatException($"{problem}\n  {text.ReplaceLineEndings(" ")}\n  {new string(' ', position)}^ column {position + 1}")
{
    /// <summary>0-based.</summary>
    public int Position { get; } = position;
}

enum TokenKind
{
    Name,
    Column,
    Number,
    Text,
    Symbol,
    End,
}

readonly record struct Token(TokenKind Kind, string Text, double Number, int Position);

/// <summary>Cuts the text form of an expression into tokens.</summary>
static class ExprLexer
{
    static readonly string[] Symbols = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]",
        ",", ":", "!"];

    public static List<Token> Tokens(string text)
    {
        var tokens = new List<Token>();
        var position = 0;
        while (true)
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
            {
                position++;
            }

            if (position == text.Length)
            {
                tokens.Add(new Token(TokenKind.End, "", 0, position));
                return tokens;
            }

            tokens.Add(Next(text, ref position));
        }
    }

    static Token Next(string text, ref int position)
    {
        var start = position;
        var first = text[start];
        if (StartsName(text, start) || text.AsSpan(start).StartsWith("$.") && StartsName(text, start + 2))
        {
            return ReadName(text, ref position);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
        {
            return ReadNumber(text, ref position);
        }

        if (first is '\'' or '"')
        {
            return new Token(TokenKind.Text, ReadQuoted(text, ref position), 0, start);
        }

        if (first == '`')
        {
            return new Token(TokenKind.Column, ReadColumn(text, ref position), 0, start);
        }

        var symbol = Symbols.FirstOrDefault(symbol => text.AsSpan(start).StartsWith(symbol))
            ?? throw new ExpressionSyntaxException(text, start, $"The character '{first}' has no meaning in an expression.");
        position += symbol.Length;
        return new Token(TokenKind.Symbol, symbol switch { "&&" => "and", "||" => "or", "!" => "not", _ => symbol }, 0, start);
    }

    /// <summary>
    /// A name; with dots between its parts (<c>user.age</c>, or <c>$.user.age</c> as JSON paths have it) a column out of nested
    /// objects.
    /// </summary>
    static Token ReadName(string text, ref int position)
    {
        var start = position;
        position += text[start] == '$' ? 2 : 0;
        var nameStart = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '_' ||
            text[position] == '.' && StartsName(text, position + 1)))
        {
            position++;
        }

        var name = text[nameStart..position];
        return new Token(nameStart > start || name.Contains('.') ? TokenKind.Column : TokenKind.Name, name, 0, start);
    }

    static bool StartsName(string text, int position) =>
        position < text.Length && (char.IsAsciiLetter(text[position]) || text[position] == '_');

    static Token ReadNumber(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '.'
            || (text[position] is '+' or '-' && text[position - 1] is 'e' or 'E')))
        {
            position++;
        }

        var literal = text[start..position];
        return double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? new Token(TokenKind.Number, literal, value, start)
            : throw new ExpressionSyntaxException(text, start, $"'{literal}' is not a finite number.");
    }

    static string ReadQuoted(string text, ref int position)
    {
        var quote = text[position];
        var value = new StringBuilder();
        for (var at = position + 1; at < text.Length; at++)
        {
            if (text[at] == quote)
            {
                position = at + 1;
                return value.ToString();
            }

            if (text[at] != '\\')
            {
                value.Append(text[at]);
                continue;
            }

            at++;
            value.Append(
                at == text.Length ? '\\' : text[at] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
        }

        throw new ExpressionSyntaxException(text, position, $"The text that begins here has no closing {quote}.");
    }

    /// <summary>A column name in backticks; a doubled backtick stands for one.</summary>
    static string ReadColumn(string text, ref int position)
    {
        var name = new StringBuilder();
        for (var at = position + 1; at < text.Length; at++)
        {
            if (text[at] != '`')
            {
                name.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '`')
            {
                name.Append('`');
                at++;
            }
            else
            {
                position = at + 1;
                return name.ToString();
            }
        }

        throw new ExpressionSyntaxException(text, position, "The column name that begins here has no closing `.");
    }
}
