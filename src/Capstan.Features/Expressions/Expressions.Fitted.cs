namespace Capstan.Features;

/// <summary>Constants by key, found over the training rows. A key is a text, or a number or truth by its text.</summary>
public static partial class Expressions
{
    /// <param name="minRows">Of a key with fewer rows, and of an unknown or missing one, it is the mean of all rows.</param>
    public static Expr MeanBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Mean, x, key, minRows);

    public static Expr StandardDeviationBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.StandardDeviation, x, key, minRows);

    public static Expr MinimumBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Minimum, x, key, minRows);

    public static Expr MaximumBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Maximum, x, key, minRows);

    public static Expr RangeBy(Expr x, Expr key, int minRows = 10) => ByKey(StatisticByKey.Range, x, key, minRows);

    /// <summary>How many training rows had the key; 0 for unknown and missing ones.</summary>
    public static Expr CountBy(Expr key) => new FittedExpr(CountByKey.Instance, [key], []);

    /// <summary>(x − mean) / standard deviation, both of the key's rows (tf.Transform's scale_to_z_score_per_key).</summary>
    public static Expr ZScoreBy(Expr x, Expr key, int minRows = 10) => (x - MeanBy(x, key, minRows)) / StandardDeviationBy(x, key, minRows);

    /// <summary>(x − min) / (max − min), all of the key's rows (tf.Transform's scale_to_0_1_per_key).</summary>
    public static Expr MinMaxBy(Expr x, Expr key, int minRows = 10) => (x - MinimumBy(x, key, minRows)) / RangeBy(x, key, minRows);

    /// <summary>The number at a category's place: one for each category, the last for missing.</summary>
    public static Expr Pick(Expr category, params ReadOnlySpan<double> values) => new PickExpr(category, [.. values]);

    static FittedExpr ByKey(StatisticByKey function, Expr x, Expr key, int minRows) => new(function, [x, key], [minRows]);
}
