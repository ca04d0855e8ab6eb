namespace Capstan.Features;

/// <summary>Functions of numbers, texts and times.</summary>
public static partial class Feature
{
    /// <summary>
    /// x limited to low … high, which may be statistics; for constants <see cref="Math.Clamp(double, double, double)"/> does,
    /// too.
    /// </summary>
    public static double Clip(double? x, double? low, double? high) => throw IsNeverCalled();

    /// <summary>The remainder with the sign of y, x − y·⌊x/y⌋; C#'s <c>%</c> has the sign of x.</summary>
    public static double Modulo(double? x, double? y) => throw IsNeverCalled();

    /// <summary>ln(1 + x), exact for small x.</summary>
    public static double LogOnePlus(double? x) => throw IsNeverCalled();

    public static double Degrees(double? radians) => throw IsNeverCalled();

    public static double Radians(double? degrees) => throw IsNeverCalled();

    /// <summary>
    /// sin(2π · x / period): with <see cref="CycleCos"/> a place on a circle, so that hour 23 is next to hour 0.
    /// </summary>
    public static double CycleSin(double? x, double? period) => throw IsNeverCalled();

    public static double CycleCos(double? x, double? period) => throw IsNeverCalled();

    /// <summary>Kilometres along the great circle between two points in degrees.</summary>
    public static double Haversine(double? latitude1, double? longitude1, double? latitude2, double? longitude2) =>
        throw IsNeverCalled();

    /// <summary>Degrees from north over east in which the way from the first point to the second begins.</summary>
    public static double Bearing(double? latitude1, double? longitude1, double? latitude2, double? longitude2) =>
        throw IsNeverCalled();

    /// <summary>The cell of a point in a grid of degrees, as text.</summary>
    public static string Grid(double? latitude, double? longitude, double? cellsPerDegree) => throw IsNeverCalled();

    /// <summary>The number of code points; C#'s <see cref="string.Length"/> counts UTF-16 units.</summary>
    public static int Length(string? text) => throw IsNeverCalled();

    /// <summary>At most <paramref name="count"/> code points, fewer where the text ends.</summary>
    /// <param name="start">0-based.</param>
    public static string Substring(string? text, int? start, int? count) => throw IsNeverCalled();

    /// <summary>The part between separators with this index; missing if there are fewer.</summary>
    /// <param name="index">0-based.</param>
    public static string SplitPart(string? text, string? separator, int? index) => throw IsNeverCalled();

    /// <summary>A number as text, by no language's rules: 17, 0.5, 1E+20.</summary>
    public static string TextOf(double? x) => throw IsNeverCalled();

    /// <summary>The decimal number that a text writes; missing if it writes none.</summary>
    public static double NumberOf(string? text) => throw IsNeverCalled();

    /// <summary>0 = Monday to 6 = Sunday; <see cref="DateTime.DayOfWeek"/> begins with Sunday.</summary>
    public static int Weekday(DateTime? time) => throw IsNeverCalled();

    public static bool IsWeekend(DateTime? time) => throw IsNeverCalled();

    /// <summary>Seconds since 1970-01-01T00:00:00.</summary>
    public static double EpochSeconds(DateTime? time) => throw IsNeverCalled();

    public static double SecondsBetween(DateTime? start, DateTime? end) => throw IsNeverCalled();

    /// <summary>What clocks of the zone show at an instant in UTC.</summary>
    /// <param name="zone">A constant, such as Europe/Berlin.</param>
    public static DateTime InZone(DateTime? time, string zone) => throw IsNeverCalled();
}
