namespace Capstan.Features;

/// <summary>
/// Reads the text form of expressions: column names (in backticks where they are not plain words), numbers, texts in quotes,
/// infix operators, and functions with named options: <c>bucketize(hour(pickup) * 60 + minute(pickup), 48)</c>.
/// </summary>
public sealed class ExprParser
{
    const int MaxDepth = 200;

    readonly string _text;
    readonly List<Token> _tokens;
    int _next;
    int _depth;

    ExprParser(string text)
    {
        _text = text;
        _tokens = ExprLexer.Tokens(text);
    }

    /// <exception cref="ExpressionSyntaxException">The text is not an expression; the message points at the place.</exception>
    public static Expr Parse(string text)
    {
        var parser = new ExprParser(text);
        var expr = parser.ParseArgument();
        return parser.Peek.Kind == TokenKind.End ? expr : throw parser.Fail($"'{parser.Peek.Text}' was not expected here");
    }

    Token Peek => _tokens[_next];

    /// <summary>Precedence climbing: operators that bind at least as tightly as <paramref name="strength"/>.</summary>
    Expr ParseInfix(int strength)
    {
        if (++_depth > MaxDepth)
        {
            throw Fail($"Expressions nest at most {MaxDepth} deep");
        }

        var left = ParsePrefix();
        var links = 0;
        while (Peek.Kind is TokenKind.Symbol or TokenKind.Name
            && Array.Find(FunctionNames.Infix, infix => infix.Symbol == Peek.Text) is { Symbol: not null } found &&
                found.Strength >= strength)
        {
            // Each link of a chain nests the links before it.
            if (++links > MaxDepth)
            {
                throw Fail($"A chain has at most {MaxDepth} operators");
            }

            _next++;
            left = new BinaryExpr(found.Operator, left, ParseInfix(found.Strength + 1));
        }

        _depth--;
        return left;
    }

    Expr ParsePrefix()
    {
        var token = Peek;
        _next++;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return new NumberExpr(token.Number);
            case TokenKind.Text:
                return new TextExpr(token.Text);
            case TokenKind.Column:
                return new ColumnExpr(token.Text);
            case TokenKind.Symbol when token.Text == "-":
                return Peek.Kind == TokenKind.Number
                    ? new NumberExpr(-_tokens[_next++].Number)
                    : new UnaryExpr(UnaryOperator.Negate, ParseInfix(FunctionNames.MinusStrength));
            case TokenKind.Symbol or TokenKind.Name when token.Text == "not":
                return new UnaryExpr(UnaryOperator.Not, ParseInfix(FunctionNames.NotStrength));
            case TokenKind.Symbol when token.Text == "(":
                var inner = ParseInfix(0);
                Take(")");
                return inner;
            case TokenKind.Name when Peek is { Kind: TokenKind.Symbol, Text: "(" }:
                _next++;
                return new CallBuilder(this, token).Build();
            case TokenKind.Name when token.Text is not ("and" or "or"):
                return new ColumnExpr(token.Text);
            default:
                _next--;
                throw Fail(token.Kind == TokenKind.End ? "The expression ends too early"
                    : $"'{token.Text}' was not expected here");
        }
    }

    /// <summary>Where the next token stands.</summary>
    internal int Position => Peek.Position;

    internal Expr ParseArgument()
    {
        var position = Position;
        var expr = ParseInfix(0);
        return ExprBounds.Excess(expr) is { } problem ? throw Fail(problem.TrimEnd('.'), position) : expr;
    }

    internal bool TryTake(string symbol)
    {
        if (Peek is not { Kind: TokenKind.Symbol } || Peek.Text != symbol)
        {
            return false;
        }

        _next++;
        return true;
    }

    internal void Take(string symbol)
    {
        if (!TryTake(symbol))
        {
            throw Fail(Peek.Kind == TokenKind.End ? $"'{symbol}' is missing at the end"
                : $"Found '{Peek.Text}', expected '{symbol}'");
        }
    }

    /// <summary>The name of an option if one comes next (<c>name:</c>), else null.</summary>
    internal string? TryTakeOptionName()
    {
        if (Peek.Kind != TokenKind.Name || _tokens[_next + 1] is not { Kind: TokenKind.Symbol, Text: ":" })
        {
            return null;
        }

        _next += 2;
        return _tokens[_next - 2].Text;
    }

    /// <summary>A list of literals if one comes next, else null.</summary>
    internal List<Token>? TryTakeList()
    {
        if (!TryTake("["))
        {
            return null;
        }

        var items = new List<Token>();
        while (!TryTake("]"))
        {
            if (items.Count > 0)
            {
                Take(",");
            }

            var negative = TryTake("-");
            var token = Peek;
            if (token.Kind is not (TokenKind.Number or TokenKind.Text) || (negative && token.Kind != TokenKind.Number))
            {
                throw Fail("A list holds numbers or quoted texts");
            }

            items.Add(negative ? token with { Number = -token.Number } : token);
            _next++;
        }

        return items;
    }

    internal ExpressionSyntaxException Fail(string problem, int? position = null) =>
        new(_text, position ?? Peek.Position, problem + ".");
}
