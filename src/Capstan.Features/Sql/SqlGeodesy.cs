using Capstan.Data;

namespace Capstan.Features;

/// <summary>The very steps of <see cref="Geodesy"/>.</summary>
sealed class SqlGeodesy(SqlSteps steps, SqlArithmetic arithmetic, Func<double, SqlValue> constant, SqlDialect dialect)
{
    public SqlValue Haversine(SqlValue latitude1, SqlValue longitude1, SqlValue latitude2, SqlValue longitude2)
    {
        var northing = arithmetic.Sine(Half(Radians(arithmetic.Subtract(latitude2, latitude1))));
        var easting = arithmetic.Sine(Half(Radians(arithmetic.Subtract(longitude2, longitude1))));
        var cosines = arithmetic.Multiply(arithmetic.Cosine(Radians(latitude1)), arithmetic.Cosine(Radians(latitude2)));
        var square = arithmetic.Add(
            arithmetic.Multiply(northing, northing), arithmetic.Multiply(arithmetic.Multiply(cosines, easting), easting));
        var rest = arithmetic.Choose(arithmetic.Subtract(constant(1), square), ">=", constant(0));
        var angle = arithmetic.ArcTangent(arithmetic.SquareRoot(square), arithmetic.SquareRoot(rest));
        return OnEarth(latitude1, latitude2, arithmetic.Multiply(constant(2 * Geodesy.MeanRadius), angle));
    }

    public SqlValue Bearing(SqlValue latitude1, SqlValue longitude1, SqlValue latitude2, SqlValue longitude2)
    {
        var (angle1, angle2) = (Radians(latitude1), Radians(latitude2));
        var (sine1, cosine1) = (arithmetic.Sine(angle1), arithmetic.Cosine(angle1));
        var (sine2, cosine2) = (arithmetic.Sine(angle2), arithmetic.Cosine(angle2));
        var easting = Radians(arithmetic.Subtract(longitude2, longitude1));
        var across = arithmetic.Multiply(arithmetic.Sine(easting), cosine2);
        var along = arithmetic.Subtract(
            arithmetic.Multiply(cosine1, sine2), arithmetic.Multiply(arithmetic.Multiply(sine1, cosine2), arithmetic.Cosine(easting)));
        var degrees = arithmetic.Divide(arithmetic.ArcTangent(across, along), constant(Geodesy.RadiansPerDegree));
        var (zero, circle) = (SqlText.Number(0, dialect), SqlText.Number(360, dialect));
        return OnEarth(latitude1, latitude2, steps.Add(
            $"CASE WHEN {degrees.Text} >= {zero} THEN {degrees.Text} " +
            $"WHEN {degrees.Text} + {circle} = {circle} THEN {zero} ELSE {degrees.Text} + {circle} END",
            degrees));
    }

    SqlValue Radians(SqlValue degrees) => arithmetic.Multiply(degrees, constant(Geodesy.RadiansPerDegree));

    SqlValue Half(SqlValue x) => arithmetic.Divide(x, constant(2));

    SqlValue OnEarth(SqlValue latitude1, SqlValue latitude2, SqlValue result)
    {
        var pole = SqlText.Number(90, dialect);
        return steps.Add(
            $"CASE WHEN ABS({latitude1.Text}) <= {pole} AND ABS({latitude2.Text}) <= {pole} THEN {result.Text} END",
            latitude1, latitude2, result);
    }
}
