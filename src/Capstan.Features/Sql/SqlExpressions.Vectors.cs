using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The numbers of a vector, each a value of its own.</summary>
sealed partial class SqlExpressions
{
    /// <summary>The very steps of <see cref="RowLists.Vector"/>.</summary>
    public SqlValue ElementOf(TermVectorExpr vector, int element)
    {
        if (_dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(vector, _dialect, "the standard's arrays are not tried on any database.");
        }

        var terms = vector.Terms as FixedVectorTerms ?? throw new UnreachableException();
        var list = Of(vector.Operand);
        var count = _lists.CountOf(list, SqlText.Text(vector, terms.Values[element], _dialect));
        var factor = Constant(Number(terms.Factors[element]));
        var weighed = vector.Weight switch
        {
            TermWeight.Presence => factor,
            TermWeight.InverseFrequency => _arithmetic.Multiply(_arithmetic.Divide(count, _lists.Count(list)), factor),
            _ => _arithmetic.Multiply(count, factor),
        };
        return _steps.Add($"CASE WHEN {count.Text} = {Number(0)} THEN {Number(0)} WHEN {count.Text} > {Number(0)} THEN {weighed.Text} END", count, weighed);
    }
}
