namespace Capstan.Features;

/// <summary>The instructions that choose between two values of one kind.</summary>
sealed partial class PlanCompiler
{
    Root EmitChoice(IfExpr choice)
    {
        var condition = Emit(choice.Condition).Register;
        var (then, otherwise) = (Emit(choice.Then), Emit(choice.Otherwise));
        var (x, y) = (then.Register, otherwise.Register);
        return then.Kind switch
        {
            ValueKind.Text => NewText(result => new ChooseText(condition, x, y, result)),
            ValueKind.Time => Time(result => new ChooseTime(condition, x, y, result)),
            ValueKind.List => NewList(result => new ChooseList(condition, x, y, result)),
            _ => Number(
                result => new ChooseNumber(condition, x, y, result),
                then.Kind == ValueKind.Truth && otherwise.Kind == ValueKind.Truth),
        };
    }

    Root EmitImpute(ImputeExpr impute)
    {
        var (operand, fallback) = (Emit(impute.Operand), Emit(impute.Fallback));
        var (x, y) = (operand.Register, fallback.Register);
        return operand.Kind switch
        {
            ValueKind.Text => NewText(result => new ImputeText(x, y, result)),
            ValueKind.Time => Time(result => new ImputeTime(x, y, result)),
            ValueKind.List => NewList(result => new ImputeList(x, y, result)),
            _ => Number(
                result => new ImputeNumber(x, y, result),
                operand.Kind == ValueKind.Truth && fallback.Kind == ValueKind.Truth),
        };
    }
}
