namespace Capstan.Features;

/// <summary>
/// Angles in double precision, for which ONNX Runtime has a sine, a cosine and, in single precision only, an arctangent: <see
/// cref="Geodesy"/> step by step. Differs from the engine in the last places, as the runtime's functions do.
/// </summary>
sealed class OnnxAngles(OnnxGraph graph)
{
    const double RadiansPerDegree = Math.PI / 180;

    readonly OnnxValue _zero = graph.Constant(0.0);

    /// <summary>
    /// The angle of the point (x, y), −π to π; 0 at the origin, NaN where a coordinate is. An angle a of single precision is
    /// mended by one step: the angle that is left has the tangent (y cos a − x sin a) / (x cos a + y sin a), and is so small,
    /// below 10⁻⁶, that it equals its tangent to the last place.
    /// </summary>
    /// <remarks>
    /// Source: the tangent's addition theorem; this is Newton's method for tan a = y / x in all four quadrants.
    /// </remarks>
    public OnnxValue ArcTangent(OnnxValue y, OnnxValue x)
    {
        var (height, width) = (Abs(y), Abs(x));
        var larger = graph.Where(graph.Condition("GreaterOrEqual", width, height), width, height);
        var atOrigin = graph.Condition("Equal", larger, _zero);
        // Scaled to at most 1, so that no product overflows.
        var scale = graph.Where(atOrigin, graph.Constant(1.0), larger);
        var (rise, run) = (Divide(y, scale), Divide(x, scale));
        var acute = graph.Cast(
            graph.Apply("Atan", OnnxType.Float32, [graph.Cast(Divide(Abs(rise), Abs(run)), OnnxType.Float32)]), OnnxType.Float64);
        var upper = graph.Where(graph.Condition("Less", run, _zero), Subtract(graph.Constant(Math.PI), acute), acute);
        var angle = graph.Where(graph.Condition("Less", rise, _zero), graph.Apply("Neg", OnnxType.Float64, [upper]), upper);
        var (sine, cosine) = (Sine(angle), Cosine(angle));
        var rest = Divide(
            Subtract(Multiply(rise, cosine), Multiply(run, sine)),
            graph.Arithmetic("Add", Multiply(run, cosine), Multiply(rise, sine)));
        return graph.Where(atOrigin, graph.Arithmetic("Add", x, y), graph.Arithmetic("Add", angle, rest));
    }

    /// <summary><see cref="Geodesy.Haversine"/>.</summary>
    public OnnxValue Haversine(OnnxValue latitude1, OnnxValue longitude1, OnnxValue latitude2, OnnxValue longitude2)
    {
        var northing = Sine(Half(Radians(Subtract(latitude2, latitude1))));
        var easting = Sine(Half(Radians(Subtract(longitude2, longitude1))));
        var cosines = Multiply(Cosine(Radians(latitude1)), Cosine(Radians(latitude2)));
        var square = graph.Arithmetic("Add", Multiply(northing, northing), Multiply(Multiply(cosines, easting), easting));
        var rest = Subtract(graph.Constant(1.0), square);
        var cosine = SquareRoot(graph.Where(graph.Condition("Less", rest, _zero), _zero, rest));
        var distance = Multiply(ArcTangent(SquareRoot(square), cosine), graph.Constant(2 * Geodesy.MeanRadius));
        return OnEarth(latitude1, latitude2, distance);
    }

    /// <summary><see cref="Geodesy.Bearing"/>.</summary>
    public OnnxValue Bearing(OnnxValue latitude1, OnnxValue longitude1, OnnxValue latitude2, OnnxValue longitude2)
    {
        var (sine1, cosine1) = (Sine(Radians(latitude1)), Cosine(Radians(latitude1)));
        var (sine2, cosine2) = (Sine(Radians(latitude2)), Cosine(Radians(latitude2)));
        var easting = Radians(Subtract(longitude2, longitude1));
        var angle = ArcTangent(
            Multiply(Sine(easting), cosine2),
            Subtract(Multiply(cosine1, sine2), Multiply(Multiply(sine1, cosine2), Cosine(easting))));
        var degrees = Divide(angle, graph.Constant(RadiansPerDegree));
        var turned = graph.Arithmetic("Add", degrees, graph.Constant(360.0));
        var whole = graph.Where(graph.Condition("Equal", turned, graph.Constant(360.0)), _zero, turned);
        return OnEarth(latitude1, latitude2, graph.Where(graph.Condition("Less", degrees, _zero), whole, degrees));
    }

    OnnxValue OnEarth(OnnxValue latitude1, OnnxValue latitude2, OnnxValue value)
    {
        var pole = graph.Constant(90.0);
        var areOnEarth = graph.Condition(
            "And", graph.Condition("LessOrEqual", Abs(latitude1), pole), graph.Condition("LessOrEqual", Abs(latitude2), pole));
        return graph.Where(areOnEarth, value, graph.Constant(double.NaN));
    }

    OnnxValue Radians(OnnxValue degrees) => Multiply(degrees, graph.Constant(RadiansPerDegree));

    OnnxValue Half(OnnxValue x) => Multiply(x, graph.Constant(0.5));

    OnnxValue Sine(OnnxValue x) => graph.Apply("Sin", OnnxType.Float64, [x]);

    OnnxValue Cosine(OnnxValue x) => graph.Apply("Cos", OnnxType.Float64, [x]);

    OnnxValue SquareRoot(OnnxValue x) => graph.Apply("Sqrt", OnnxType.Float64, [x]);

    OnnxValue Abs(OnnxValue x) => graph.Apply("Abs", OnnxType.Float64, [x]);

    OnnxValue Subtract(OnnxValue x, OnnxValue y) => graph.Arithmetic("Sub", x, y);

    OnnxValue Multiply(OnnxValue x, OnnxValue y) => graph.Arithmetic("Mul", x, y);

    OnnxValue Divide(OnnxValue x, OnnxValue y) => graph.Arithmetic("Div", x, y);
}
