using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>The classes of a classifier as the label column held them, at least two.</summary>
public sealed record ClassNames
{
    /// <param name="names">In the order of the model's scores; of two, the positive one is the second.</param>
    /// <param name="type">The label column's type: numbers and booleans are written without quotes.</param>
    /// <exception cref="ArgumentException">There are fewer than two names, or two are alike.</exception>
    public ClassNames(ValueList<string> names, DataType type)
    {
        if (names.Count < 2 || names.Distinct(StringComparer.Ordinal).Count() < names.Count)
        {
            throw new ArgumentException(
                $"The classes are {string.Join(", ", names)}; at least two are needed, and no two alike.", nameof(names));
        }

        (Names, Type) = (names, type);
    }

    public ClassNames(string negative, string positive, DataType type)
        : this([negative, positive], type)
    {
    }

    public ValueList<string> Names { get; }

    public DataType Type { get; }

    public int Count => Names.Count;

    /// <summary>The class of a label of 0, of two classes.</summary>
    public string Negative => Names[0];

    /// <summary>The class of a label of 1, of two classes: the one whose probability is predicted.</summary>
    public string Positive => Names[1];

    public override string ToString() => string.Join(", ", Names.Select(name => $"'{name}'"));
}
