using Capstan.Data;

namespace Capstan.Features;

/// <summary>The instructions that load raw columns.</summary>
sealed partial class PlanCompiler
{
    Root Load(ColumnExpr column)
    {
        var input = InputOf(column.Name);
        switch (_schema[column.Name].Type)
        {
            case DataType.Text:
                _ops.Add(new LoadText(input, _textRegisters));
                return new Root(ValueKind.Text, _textRegisters++);
            case DataType.TextList:
                return NewList(result => new LoadList(input, result));
            case DataType.Timestamp:
                return Time(result => new LoadTime(input, result));
            case DataType.Boolean:
                return Number(result => new LoadNumber(input, result), isTruth: true);
            default:
                return Number(result => new LoadNumber(input, result));
        }
    }

    int InputOf(string column)
    {
        if (!_columns.Contains(column))
        {
            _columns.Add(column);
        }

        return _columns.IndexOf(column);
    }
}
