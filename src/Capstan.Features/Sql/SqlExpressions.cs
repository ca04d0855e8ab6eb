using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Frozen expressions as steps of a query. A number is a finite double or NULL, a truth a BOOLEAN, a text a text compared by
/// bytes, a time a TIMESTAMP without zone, a category an integer that is never NULL.
/// </summary>
sealed partial class SqlExpressions
{
    readonly Schema _schema;
    readonly SqlDialect _dialect;
    readonly SqlSteps _steps;
    readonly SqlArithmetic _arithmetic;
    readonly SqlTimes _times;
    readonly SqlCategories _categories;
    readonly SqlTexts _texts;
    readonly SqlNumberTexts _numberTexts;
    readonly SqlLists _lists;
    readonly SqlGeodesy _geodesy;
    readonly Dictionary<Expr, SqlValue> _known = [];

    public SqlExpressions(Schema schema, SqlSteps steps, SqlDialect dialect)
    {
        (_schema, _steps, _dialect) = (schema, steps, dialect);
        _arithmetic = new SqlArithmetic(steps, dialect);
        _times = new SqlTimes(steps, dialect);
        _categories = new SqlCategories(this, schema, steps, dialect);
        _texts = new SqlTexts(steps, dialect);
        _lists = new SqlLists(steps, _texts, dialect);
        _numberTexts = new SqlNumberTexts(steps, dialect);
        _geodesy = new SqlGeodesy(steps, _arithmetic, value => Constant(Number(value)), dialect);
    }

    /// <summary>The value in its own kind.</summary>
    /// <exception cref="SqlNotSupportedException">The dialect can't compute it as the engine does.</exception>
    public SqlValue Of(Expr expr)
    {
        if (!_known.TryGetValue(expr, out var value))
        {
            _known[expr] = value = Compile(expr);
        }

        return value;
    }

    /// <summary>The value as a number: 1 for true, 0 for false.</summary>
    public SqlValue NumberOf(Expr expr)
    {
        var value = Of(expr);
        return KindOf(expr) == ValueKind.Truth
            ? _steps.Add($"CASE WHEN {value.Text} THEN {Number(1)} WHEN NOT {value.Text} THEN {Number(0)} END", value)
            : value;
    }

    /// <summary>An integer column as it is, with all its digits.</summary>
    public SqlValue IntegerOf(ColumnExpr column) => _steps.Load($"CAST({SqlText.Identifier(column.Name)} AS BIGINT)");

    /// <summary>The text by which a text, truth or number is hashed and counted; an integer column has all its digits.</summary>
    /// <param name="expr">What needs the text.</param>
    /// <exception cref="SqlNotSupportedException">The dialect can't write a number as the engine does.</exception>
    public SqlValue TextOf(Expr expr, Expr operand)
    {
        switch (KindOf(operand))
        {
            case ValueKind.Text:
                return Of(operand);
            case ValueKind.Truth:
                var truth = Of(operand);
                return _steps.Add($"CASE WHEN {truth.Text} THEN {Text("1")} WHEN NOT {truth.Text} THEN {Text("0")} END", truth);
            case ValueKind.Number when operand is ColumnExpr column && _schema[column.Name].Type == DataType.Int64:
                var integer = IntegerOf(column);
                return _steps.Add(
                    $"CAST({integer.Text} AS {(_dialect == SqlDialect.PostgreSql ? "text) COLLATE \"C\"" : "VARCHAR)")}", integer);
            default:
                return _numberTexts.Of(expr, NumberOf(operand));
        }

        string Text(string value) => SqlText.Text(expr, value, _dialect);
    }

    ValueKind KindOf(Expr expr) => ExprTyping.KindOf(expr, _schema);

    SqlValue Compile(Expr expr) => expr switch
    {
        ColumnExpr column => Column(column),
        NumberExpr number => Constant(Number(number.Value)),
        TextExpr text => Constant(SqlText.Text(text, text.Value, _dialect)),
        UnaryExpr unary => Unary(unary),
        BinaryExpr binary => Binary(binary),
        IfExpr choice => If(choice),
        IsMissingExpr missing => IsMissing(Of(missing.Operand)),
        ImputeExpr impute => Impute(impute),
        CallExpr call => Call(call),
        TimestampExpr time => Constant(SqlText.Timestamp(time.Microseconds, _dialect)),
        InZoneExpr zoned => _times.InZone(zoned.Zone, Of(zoned.Operand)),
        TimePartExpr part => _times.Part(part, Of(part.Operand)),
        BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } bucketize =>
            _categories.Bucket(NumberOf(bucketize.Operand), values.Items),
        VocabularyExpr { Terms: FixedTerms terms } vocabulary => _categories.Lookup(vocabulary, terms),
        HashExpr hash => _categories.Hash(hash),
        CrossExpr cross => _categories.Cross(cross),
        BucketizeByExpr bucketize => _categories.BucketBy(bucketize),
        PickExpr pick => _categories.Pick(pick),
        StatisticExpr or BucketizeExpr or VocabularyExpr or FittedExpr or TermVectorExpr => throw new SqlNotSupportedException(
            expr, _dialect, "it is found in the training rows first; train a model, or ask for the analysis."),
        _ => throw new SqlNotSupportedException(expr, _dialect, $"there is no SQL for {expr.GetType().Name}."),
    };

    SqlValue Column(ColumnExpr column)
    {
        var name = SqlText.Identifier(column.Name);
        return _schema[column.Name].Type switch
        {
            // A whole number becomes the nearest double, never NaN.
            DataType.Int64 => _steps.Load($"CAST(CAST({name} AS BIGINT) AS DOUBLE PRECISION)"),
            DataType.Float64 => _arithmetic.Load(_steps.Load($"CAST({name} AS DOUBLE PRECISION)")),
            DataType.Boolean => _steps.Load($"CAST({name} AS BOOLEAN)"),
            DataType.Timestamp => _times.Load(name),
            DataType.Text => _steps.Load(_dialect switch
            {
                SqlDialect.PostgreSql => $"CAST({name} AS text) COLLATE \"C\"",
                SqlDialect.DuckDb => $"CAST({name} AS VARCHAR) COLLATE \"binary\"",
                _ => name,
            }),
            var other => throw new SqlNotSupportedException(column, _dialect, $"there is no SQL for columns of {other}."),
        };
    }

    SqlValue Unary(UnaryExpr unary)
    {
        if (unary.Operator == UnaryOperator.Not)
        {
            var truth = Of(unary.Operand);
            return _steps.Add($"NOT {truth.Text}", truth);
        }

        if (unary.Operator == UnaryOperator.LogOnePlus)
        {
            return LogOnePlus(unary.Operand);
        }

        var x = NumberOf(unary.Operand);
        return unary.Operator switch
        {
            UnaryOperator.Negate => _arithmetic.Negate(x),
            UnaryOperator.Absolute => _arithmetic.Absolute(x),
            UnaryOperator.SquareRoot => _arithmetic.SquareRoot(x),
            UnaryOperator.Log => _arithmetic.Log(x),
            UnaryOperator.Exponential => _arithmetic.Exponential(x),
            UnaryOperator.Floor => _arithmetic.Floor(x),
            UnaryOperator.Sine => _arithmetic.Sine(x),
            UnaryOperator.Cosine => _arithmetic.Cosine(x),
            _ => throw Unknown(unary, $"{unary.Operator}"),
        };
    }

    /// <summary>The very steps of <see cref="NumberFunctions.LogOnePlus"/>.</summary>
    SqlValue LogOnePlus(Expr operand)
    {
        var (x, one) = (NumberOf(operand), Constant(Number(1)));
        var u = _arithmetic.Add(one, x);
        var scaled = _arithmetic.Multiply(_arithmetic.Log(u), x);
        var quotient = _arithmetic.Divide(scaled, _arithmetic.Subtract(u, one));
        return _steps.Add($"CASE WHEN {u.Text} = {Number(1)} THEN {x.Text} ELSE {quotient.Text} END", u, x, quotient);
    }

    SqlValue Binary(BinaryExpr binary)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.And or BinaryOperator.Or:
                var (p, q) = (Of(binary.Left), Of(binary.Right));
                return _steps.Add($"{p.Text} {(binary.Operator == BinaryOperator.And ? "AND" : "OR")} {q.Text}", p, q);
            case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual
                or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                var isNumeric = KindOf(binary.Left) is ValueKind.Number or ValueKind.Truth;
                var left = isNumeric ? NumberOf(binary.Left) : Of(binary.Left);
                var right = isNumeric ? NumberOf(binary.Right) : Of(binary.Right);
                return _steps.Add($"{left.Text} {Symbol(binary.Operator)} {right.Text}", left, right);
        }

        var (x, y) = (NumberOf(binary.Left), NumberOf(binary.Right));
        return binary.Operator switch
        {
            BinaryOperator.Add => _arithmetic.Add(x, y),
            BinaryOperator.Subtract => _arithmetic.Subtract(x, y),
            BinaryOperator.Multiply => _arithmetic.Multiply(x, y),
            BinaryOperator.Divide => _arithmetic.Divide(x, y),
            BinaryOperator.Minimum => _arithmetic.Choose(x, "<=", y),
            BinaryOperator.Maximum => _arithmetic.Choose(x, ">=", y),
            // NULL on the way stays NULL to the end, as an infinity does in the engine.
            BinaryOperator.Modulo => _arithmetic.Subtract(x, _arithmetic.Multiply(y, _arithmetic.Floor(_arithmetic.Divide(x, y)))),
            _ => throw Unknown(binary, $"{binary.Operator}"),
        };
    }

    SqlValue If(IfExpr choice)
    {
        var (condition, asNumber) = (Of(choice.Condition), KindOf(choice) == ValueKind.Number);
        var then = asNumber ? NumberOf(choice.Then) : Of(choice.Then);
        var otherwise = asNumber ? NumberOf(choice.Otherwise) : Of(choice.Otherwise);
        return _steps.Add($"CASE WHEN {condition.Text} THEN {then.Text} ELSE {otherwise.Text} END", condition, then, otherwise);
    }

    SqlValue IsMissing(SqlValue value) => _steps.Add($"{value.Text} IS NULL", value);

    SqlValue Impute(ImputeExpr impute)
    {
        var asNumber = KindOf(impute) == ValueKind.Number;
        var value = asNumber ? NumberOf(impute.Operand) : Of(impute.Operand);
        var fallback = asNumber ? NumberOf(impute.Fallback) : Of(impute.Fallback);
        return _steps.Add($"COALESCE({value.Text}, {fallback.Text})", value, fallback);
    }

    static string Symbol(BinaryOperator comparison) => comparison switch
    {
        BinaryOperator.Equal => "=",
        BinaryOperator.NotEqual => "<>",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        _ => ">=",
    };

    // Where a constant operation that is never reached may still fail, constants are columns.
    SqlValue Constant(string sql) => _dialect == SqlDialect.DuckDb ? new SqlValue(sql, 0) : _steps.Load(sql);

    string Number(double value) => SqlText.Number(value, _dialect);

    SqlNotSupportedException Unknown(Expr expr, string function) => new(expr, _dialect, $"there is no SQL for {function}.");
}
