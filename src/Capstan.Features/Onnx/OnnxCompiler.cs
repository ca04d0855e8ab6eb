using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Frozen expressions as operators. Numbers and truths are doubles with NaN for missing and never infinite nor −0, times are
/// integers with <see cref="long.MinValue"/> for missing: the engine's own registers, so its arithmetic carries over one to one.
/// </summary>
sealed partial class OnnxCompiler(OnnxGraph graph, Schema schema)
{
    static readonly ColumnBatch NoRows = new(new Schema([]), []);

    readonly OnnxColumns _columns = new(graph, schema);
    readonly OnnxCalendar _calendar = new(graph);
    readonly OnnxAngles _angles = new(graph);
    readonly OnnxListFunctions _lists = new(graph);
    readonly OnnxTextFunctions _texts = new(graph);
    readonly OnnxNumberTexts _numbers = new(graph);

    /// <summary>A numeric feature: single precision, 0 where missing or beyond its range.</summary>
    public OnnxValue Numeric(Expr expr) => EveryRow(expr, Single(Number(expr)));


    /// <summary>A category feature.</summary>
    public OnnxValue CategoryFeature(Expr expr) => EveryRow(expr, Category(expr));

    /// <summary>A number in double precision with NaN for missing, or a category.</summary>
    public OnnxValue Value(Expr expr) =>
        EveryRow(expr, ExprTyping.KindOf(expr, schema) == ValueKind.Category ? Category(expr) : Number(expr));

    OnnxValue Single(OnnxValue x)
    {
        var narrow = graph.Cast(x, OnnxType.Float32);
        // The zero is put in before the final cast: ONNX Runtime's Where would lose the sign of a −0 that the cast makes.
        var outside = graph.Condition("IsNaN", graph.Arithmetic("Sub", narrow, narrow));
        return graph.Cast(graph.Where(outside, graph.Constant(0.0), x), OnnxType.Float32);
    }

    OnnxValue EveryRow(Expr expr, OnnxValue value) => ExprChildren.ColumnsOf(expr).Any() ? value : _columns.OfEveryRow(value);

    /// <summary>A number, or a truth as 1 and 0. What reads no column is computed here and now, by the reference.</summary>
    OnnxValue Number(Expr expr) => ConstantOf(expr) is { } constant ? graph.Constant(constant) : expr switch
    {
        ColumnExpr column => Load(column),
        UnaryExpr unary => Unary(unary),
        BinaryExpr binary => Binary(binary),
        IfExpr choice => graph.Where(IsTrue(choice.Condition), Number(choice.Then), Number(choice.Otherwise)),
        ImputeExpr impute => Impute(Number(impute.Operand), Number(impute.Fallback)),
        IsMissingExpr missing => graph.Cast(IsMissing(missing.Operand), OnnxType.Float64),
        TimePartExpr part => _calendar.Part(part, Time(part.Operand)),
        CallExpr call => Call(call),
        PickExpr pick => Pick(pick),
        _ => throw Unknown(expr),
    };

    OnnxValue Time(Expr expr) => expr switch
    {
        ColumnExpr column => _columns.Value(column.Name),
        TimestampExpr timestamp => graph.Constant(timestamp.Microseconds),
        InZoneExpr zoned => InZone(zoned),
        IfExpr choice => graph.Where(IsTrue(choice.Condition), Time(choice.Then), Time(choice.Otherwise)),
        ImputeExpr impute => graph.Where(IsMissingTime(Time(impute.Operand)), Time(impute.Fallback), Time(impute.Operand)),
        _ => throw Unknown(expr),
    };

    OnnxValue Load(ColumnExpr column)
    {
        var value = _columns.Value(column.Name);
        return value.Type == OnnxType.Float64 ? graph.Finite(value) : graph.Truth(value, _columns.Missing(column.Name));
    }

    OnnxValue Unary(UnaryExpr unary)
    {
        var x = Number(unary.Operand);
        return unary.Operator switch
        {
            UnaryOperator.Negate => Function("Neg"),
            UnaryOperator.Absolute => Function("Abs"),
            UnaryOperator.SquareRoot => Function("Sqrt"),
            UnaryOperator.Log => Function("Log"),
            UnaryOperator.LogOnePlus => LogOnePlus(x),
            UnaryOperator.Exponential => Function("Exp"),
            UnaryOperator.Floor => Function("Floor"),
            UnaryOperator.Sine => Function("Sin"),
            UnaryOperator.Cosine => Function("Cos"),
            UnaryOperator.Not => graph.Arithmetic("Sub", graph.Constant(1.0), x),
            _ => throw new OnnxNotSupportedException(unary, $"this version has no operators for the function {unary.Operator}."),
        };

        OnnxValue Function(string operation) => graph.Finite(graph.Apply(operation, OnnxType.Float64, [x]));
    }

    /// <summary><see cref="NumberFunctions.LogOnePlus"/>, step by step.</summary>
    OnnxValue LogOnePlus(OnnxValue x)
    {
        var one = graph.Constant(1.0);
        var u = graph.Arithmetic("Add", one, x);
        var product = graph.Arithmetic("Mul", graph.Apply("Log", OnnxType.Float64, [u]), x);
        var quotient = graph.Arithmetic("Div", product, graph.Arithmetic("Sub", u, one));
        return graph.Finite(graph.Where(graph.Condition("Equal", u, one), x, quotient));
    }

    OnnxValue Binary(BinaryExpr binary)
    {
        if (IsComparison(binary.Operator) && ExprTyping.KindOf(binary.Left, schema) is ValueKind.Text or ValueKind.Time)
        {
            return ExprTyping.KindOf(binary.Left, schema) == ValueKind.Text ? CompareTexts(binary) : CompareTimes(binary);
        }

        var (x, y) = (Number(binary.Left), Number(binary.Right));
        (x, y) = (Guard(binary.Left, x, y), Guard(binary.Right, y, x));
        return binary.Operator switch
        {
            BinaryOperator.Add => graph.Finite(graph.Arithmetic("Add", x, y)),
            BinaryOperator.Subtract => graph.Finite(graph.Arithmetic("Sub", x, y)),
            BinaryOperator.Multiply => graph.Finite(graph.Arithmetic("Mul", x, y)),
            BinaryOperator.Divide => graph.Finite(graph.Arithmetic("Div", x, y)),
            BinaryOperator.Minimum => Select("LessOrEqual"),
            BinaryOperator.Maximum => Select("GreaterOrEqual"),
            BinaryOperator.Modulo => Modulo(x, y),
            // Where neither operand decides, both are missing or the other value: 1·1, 0 + 0, or NaN.
            BinaryOperator.And => Decide(0, graph.Arithmetic("Mul", x, y)),
            BinaryOperator.Or => Decide(1, graph.Arithmetic("Add", x, y)),
            _ when IsComparison(binary.Operator) => graph.Truth(
                Compare(binary, x, y), graph.Condition("Or", graph.Condition("IsNaN", x), graph.Condition("IsNaN", y))),
            _ => throw new OnnxNotSupportedException(
                binary, $"this version has no operators for the function {binary.Operator}."),
        };

        // A missing x fails the comparison, so that y is selected; x − x brings the NaN back.
        OnnxValue Select(string comparison) => graph.Arithmetic(
            "Add", graph.Where(graph.Condition(comparison, x, y), x, y), graph.Arithmetic("Sub", x, x));

        OnnxValue Decide(double deciding, OnnxValue undecided) => graph.Where(
            graph.Condition(
                "Or", graph.Condition("Equal", x, graph.Constant(deciding)),
                graph.Condition("Equal", y, graph.Constant(deciding))),
            graph.Constant(deciding), undecided);
    }

    /// <summary>
    /// ONNX Runtime (1.31) takes x + c and x · c for x where c is 0 or 1 in <em>single</em> precision, such as 1.00000001, and so
    /// loses what c does to a double. It leaves alone what depends on the rows: the constant is chosen by a condition over them.
    /// </summary>
    OnnxValue Guard(Expr operand, OnnxValue value, OnnxValue other) =>
        ConstantOf(operand) is { } constant && (float)constant is 0f or 1f && constant is not (0.0 or 1.0)
            ? graph.Where(graph.Condition("IsNaN", other), value, value)
            : value;

    /// <summary>The value, or NaN for missing, of a number that reads no column; null for any other.</summary>
    static double? ConstantOf(Expr expr) => !IsConstant(expr) ? null : RowReference.Evaluate(expr, NoRows, 0) switch
    {
        null => double.NaN,
        true => 1,
        false => 0,
        double number => number,
        _ => null,
    };

    static bool IsConstant(Expr expr) => expr is not ColumnExpr && ExprChildren.Of(expr).All(IsConstant);

    OnnxValue Modulo(OnnxValue x, OnnxValue y)
    {
        var whole = graph.Apply("Floor", OnnxType.Float64, [graph.Arithmetic("Div", x, y)]);
        return graph.Finite(graph.Arithmetic("Sub", x, graph.Arithmetic("Mul", y, whole)));
    }

    OnnxValue CompareTimes(BinaryExpr binary)
    {
        var (x, y) = (Time(binary.Left), Time(binary.Right));
        return graph.Truth(Compare(binary, x, y), graph.Condition("Or", IsMissingTime(x), IsMissingTime(y)));
    }

    OnnxValue CompareTexts(BinaryExpr binary)
    {
        var (x, y) = (Text(binary.Left), Text(binary.Right));
        return graph.Truth(Compare(binary, x.Value, y.Value), graph.Condition("Or", x.Missing, y.Missing));
    }

    OnnxValue Compare(BinaryExpr binary, OnnxValue x, OnnxValue y) => binary.Operator == BinaryOperator.NotEqual
        ? graph.Condition("Not", graph.Condition("Equal", x, y))
        : graph.Condition(binary.Operator.ToString(), x, y);

    OnnxValue Impute(OnnxValue x, OnnxValue fallback) => graph.Where(graph.Condition("IsNaN", x), fallback, x);

    OnnxValue IsTrue(Expr condition) => graph.Condition("Equal", Number(condition), graph.Constant(1.0));

    OnnxValue IsMissingTime(OnnxValue time) => graph.Condition("Equal", time, graph.Constant(long.MinValue));

    OnnxValue IsMissing(Expr operand) => ExprTyping.KindOf(operand, schema) switch
    {
        ValueKind.Number or ValueKind.Truth => graph.Condition("IsNaN", Number(operand)),
        ValueKind.Time => IsMissingTime(Time(operand)),
        ValueKind.Text => Text(operand).Missing,
        ValueKind.List => List(operand).Missing,
        _ => throw Unknown(operand),
    };

    static bool IsComparison(BinaryOperator function) => function is BinaryOperator.Equal or BinaryOperator.NotEqual
        or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual;

    static OnnxNotSupportedException Unknown(Expr expr) => new(expr, "this version has no operators for it.");
}
