namespace Capstan.Models;

/// <summary>What kind of thing a model predicts.</summary>
public enum ModelTask : byte
{
    /// <summary>A number.</summary>
    Regression = 1,

    /// <summary>One of two classes.</summary>
    BinaryClassification = 2,

    /// <summary>One of three classes or more.</summary>
    MulticlassClassification = 3,
}

/// <summary>Tasks in words.</summary>
public static class ModelTaskText
{
    /// <summary>As people write it.</summary>
    public static string InWords(this ModelTask task) => task switch
    {
        ModelTask.Regression => "regression",
        ModelTask.BinaryClassification => "binary classification",
        _ => "multi-class classification",
    };
}
