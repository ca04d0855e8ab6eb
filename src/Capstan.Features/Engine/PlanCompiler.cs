using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Compiles frozen expressions into a <see cref="Plan"/>: operands before users, equal subexpressions once, and a register
/// given back after its last use so that the working set stays in cache.
/// </summary>
sealed partial class PlanCompiler
{
    readonly Schema _schema;
    readonly Dictionary<Expr, int> _uses = [];
    readonly Dictionary<Expr, Root> _done = [];
    readonly Dictionary<Expr, int> _texts = [];
    readonly List<string> _columns = [];
    readonly List<Op> _ops = [];
    readonly List<(int, double)> _numberConstants = [];
    readonly List<(int, long)> _timeConstants = [];
    readonly List<(int, string)> _textConstants = [];
    readonly RegisterFile _numbers = new();
    readonly RegisterFile _times = new();
    readonly RegisterFile _categories = new();
    readonly List<int> _vectorWidths = [];
    int _textRegisters;
    int _listRegisters;

    PlanCompiler(Schema schema) => _schema = schema;

    /// <param name="roots">Frozen, well-typed expressions whose values are wanted.</param>
    /// <param name="textRoots">Texts or numbers whose text form is wanted.</param>
    public static Plan Compile(Schema schema, IReadOnlyList<Expr> roots, IReadOnlyList<Expr>? textRoots = null)
    {
        var compiler = new PlanCompiler(schema);
        foreach (var root in roots.Concat(textRoots ?? []))
        {
            _ = ExprTyping.KindOf(root, schema);
            compiler.CountUses(root);
        }

        // Roots are used once more than the ops say, so their registers are never given back.
        return new Plan
        {
            Roots = [.. roots.Select(compiler.Emit)],
            TextRoots = [.. (textRoots ?? []).Select(compiler.EmitText)],
            Schema = schema,
            Columns = [.. compiler._columns],
            Ops = [.. compiler._ops],
            NumberRegisters = compiler._numbers.Count,
            TimeRegisters = compiler._times.Count,
            TextRegisters = compiler._textRegisters,
            CategoryRegisters = compiler._categories.Count,
            ListRegisters = compiler._listRegisters,
            VectorWidths = [.. compiler._vectorWidths],
            NumberConstants = [.. compiler._numberConstants],
            TimeConstants = [.. compiler._timeConstants],
            TextConstants = [.. compiler._textConstants],
        };
    }

    void CountUses(Expr expr)
    {
        if (_uses.TryGetValue(expr, out var uses))
        {
            _uses[expr] = uses + 1;
            return;
        }

        _uses[expr] = 1;
        foreach (var child in OperandsOf(expr))
        {
            CountUses(child);
        }
    }

    /// <summary>The operands as the instructions want them: texts of a cross are hashed first.</summary>
    static IEnumerable<Expr> OperandsOf(Expr expr) =>
        expr is CrossExpr cross ? cross.Operands.Select(operand => Cardinality.AsCategory(operand, cross.Seed))
            : ExprChildren.Of(expr);

    Root Emit(Expr expr)
    {
        if (_done.TryGetValue(expr, out var known))
        {
            return known;
        }

        var root = EmitNew(expr);
        _done.Add(expr, root);
        if (_ops.Count > 0 && expr is not (NumberExpr or TextExpr or TimestampExpr))
        {
            foreach (var operand in OperandsOf(expr))
            {
                Release(operand);
            }
        }

        return root;
    }

    void Release(Expr expr)
    {
        if (--_uses[expr] > 0 || expr is NumberExpr or TextExpr or TimestampExpr)
        {
            return;
        }

        var (kind, register) = _done[expr];
        switch (kind)
        {
            case ValueKind.Number or ValueKind.Truth:
                _numbers.GiveBack(register);
                break;
            case ValueKind.Time:
                _times.GiveBack(register);
                break;
            case ValueKind.Category:
                _categories.GiveBack(register);
                break;
        }
    }

    Root EmitNew(Expr expr)
    {
        switch (expr)
        {
            case ColumnExpr column:
                return Load(column);
            case NumberExpr number:
                var constant = _numbers.TakeForEver();
                _numberConstants.Add((constant, NumberKernels.Finite(number.Value)));
                return new Root(ValueKind.Number, constant);
            case TextExpr text:
                _textConstants.Add((_textRegisters, text.Value));
                return new Root(ValueKind.Text, _textRegisters++);
            case UnaryExpr unary:
                var operand = Emit(unary.Operand).Register;
                return Number(result => new UnaryOp(unary.Operator, operand, result), unary.Operator == UnaryOperator.Not);
            case BinaryExpr binary:
                return EmitBinary(binary);
            case IfExpr choice:
                return EmitChoice(choice);
            case ImputeExpr impute:
                return EmitImpute(impute);
            case IsMissingExpr missing:
                var asked = Emit(missing.Operand);
                return Number(
                    result => asked.Kind switch
                    {
                        ValueKind.Text => new TextIsMissing(asked.Register, result),
                        ValueKind.Time => new TimeIsMissing(asked.Register, result),
                        ValueKind.List => new ListIsMissing(asked.Register, result),
                        _ => new NumberIsMissing(asked.Register, result),
                    },
                    isTruth: true);
            case TimePartExpr part:
                var time = Emit(part.Operand).Register;
                return Number(result => new TimePartOp(part.Part, time, result));
            case TimestampExpr timestamp:
                var moment = _times.TakeForEver();
                _timeConstants.Add((moment, timestamp.Microseconds));
                return new Root(ValueKind.Time, moment);
            case InZoneExpr zoned:
                var instant = Emit(zoned.Operand).Register;
                return Time(result => new InZoneOp(zoned.Zone, instant, result));
            case CallExpr call:
                return EmitCall(call);
            case BucketizeExpr { Boundaries: FixedBoundaries { Values: var values } } bucketize:
                var bucketed = Emit(bucketize.Operand).Register;
                return Category(result => new BucketizeOp([.. values], bucketed, result));
            case VocabularyExpr { Terms: FixedTerms terms } vocabulary:
                var looked = EmitText(vocabulary.Operand);
                return Category(result => new LookupOp(new TermTable(terms.Values), terms.UnknownBuckets, looked, result));
            case HashExpr hash:
                var hashed = EmitText(hash.Operand);
                return Category(result => new HashOp(hash.Buckets, hash.Seed, hashed, result));
            case TermVectorExpr { Terms: FixedVectorTerms terms } vector:
                var list = Emit(vector.Operand).Register;
                _ops.Add(new TermVectorOp(vector.Weight, terms, list, _vectorWidths.Count));
                _vectorWidths.Add(terms.Values.Count);
                return new Root(ValueKind.Vector, _vectorWidths.Count - 1);
            case CrossExpr cross:
                var parts = OperandsOf(cross).Select(part => Emit(part).Register).ToArray();
                return Category(result => new CrossOp(Cardinality.NumberingOf(cross), [.. parts], result));
            case BucketizeByExpr by:
                var (sorted, grouped) = (Emit(by.Operand).Register, Emit(by.Category).Register);
                return Category(result => new BucketizeByOp(
                    [.. by.Boundaries.Select(each => each.Values.ToArray())], sorted, grouped, result));
            case PickExpr pick:
                var picked = Emit(pick.Operand).Register;
                return Number(result => new PickOp([.. pick.Values.Select(NumberKernels.Finite)], picked, result));
            default:
                throw new UnreachableException($"'{expr}' is not frozen.");
        }
    }

    Root EmitBinary(BinaryExpr binary)
    {
        var (left, right) = (Emit(binary.Left), Emit(binary.Right));
        var (x, y) = (left.Register, right.Register);
        return binary.Operator switch
        {
            BinaryOperator.Add => Number(result => new VectorArithmetic<NumberKernels.Add>(x, y, result)),
            BinaryOperator.Subtract => Number(result => new VectorArithmetic<NumberKernels.Subtract>(x, y, result)),
            BinaryOperator.Multiply => Number(result => new VectorArithmetic<NumberKernels.Multiply>(x, y, result)),
            BinaryOperator.Divide => Number(result => new VectorArithmetic<NumberKernels.Divide>(x, y, result)),
            BinaryOperator.Minimum => Number(result => new VectorArithmetic<NumberKernels.Minimum>(x, y, result)),
            BinaryOperator.Maximum => Number(result => new VectorArithmetic<NumberKernels.Maximum>(x, y, result)),
            BinaryOperator.Modulo => Number(result => new ModuloOp(x, y, result)),
            BinaryOperator.And or BinaryOperator.Or =>
                Number(result => new LogicOp(binary.Operator, x, y, result), isTruth: true),
            _ => left.Kind switch
            {
                ValueKind.Text => Number(result => new CompareTexts(binary.Operator, x, y, result), isTruth: true),
                ValueKind.Time => Number(result => new CompareTimes(binary.Operator, x, y, result), isTruth: true),
                _ => Number(result => new CompareNumbers(binary.Operator, x, y, result), isTruth: true),
            },
        };
    }

    /// <summary>The operand's text, for lookups and hashes; numbers are written out first, each once.</summary>
    int EmitText(Expr operand)
    {
        if (operand is ColumnExpr column && _schema[column.Name].Type == DataType.Int64)
        {
            // The number register is loaded as well if something else uses the column; here its exact digits are wanted.
            _ = Emit(operand);
            return TextOf(operand, result => new IntegerToText(InputOf(column.Name), result));
        }

        var (kind, register) = Emit(operand);
        return kind == ValueKind.Text ? register : TextOf(operand, result => new NumberToText(register, result));
    }

    int TextOf(Expr operand, Func<int, Op> make)
    {
        if (!_texts.TryGetValue(operand, out var register))
        {
            register = NewText(make).Register;
            _texts.Add(operand, register);
        }

        return register;
    }

    Root Number(Func<int, Op> make, bool isTruth = false)
    {
        var result = _numbers.Take();
        _ops.Add(make(result));
        return new Root(isTruth ? ValueKind.Truth : ValueKind.Number, result);
    }

    Root Time(Func<int, Op> make)
    {
        var result = _times.Take();
        _ops.Add(make(result));
        return new Root(ValueKind.Time, result);
    }

    Root Category(Func<int, Op> make)
    {
        var result = _categories.Take();
        _ops.Add(make(result));
        return new Root(ValueKind.Category, result);
    }

    Root NewText(Func<int, Op> make)
    {
        _ops.Add(make(_textRegisters));
        return new Root(ValueKind.Text, _textRegisters++);
    }

    Root NewList(Func<int, Op> make)
    {
        _ops.Add(make(_listRegisters));
        return new Root(ValueKind.List, _listRegisters++);
    }
}
