namespace Capstan.Training;

/// <summary>How a classifier's probabilities are made to hold on rows that it was not trained on.</summary>
public enum CalibrationKind
{
    /// <summary>A logistic curve of two numbers: for few rows.</summary>
    Platt,

    /// <summary>Any rising curve: for a thousand rows and more.</summary>
    Isotonic,
}
