namespace Capstan.Training;

/// <summary>How a classifier's probabilities are made to hold on rows that it was not trained on.</summary>
public enum CalibrationKind
{
    /// <summary>A logistic curve of two numbers: a few hundred rows are enough.</summary>
    Platt,

    /// <summary>
    /// Any rising curve: for ten thousand rows held out and more. With fewer it learns their chance: 3,256 rows of Adult raise the
    /// calibration error of models that need no calibration from 0.007 to 0.012 on other rows.
    /// </summary>
    Isotonic,
}
