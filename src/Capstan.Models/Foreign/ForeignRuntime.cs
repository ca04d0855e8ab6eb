using System.Collections.Concurrent;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// What runs models of another kind. It lives in an assembly of its own, which brings a native library, and a program that
/// wants it
/// names it once: artifacts with such models can then be read.
/// </summary>
public abstract class ForeignRuntime(string name)
{
    static readonly ConcurrentDictionary<string, ForeignRuntime> Known = new(StringComparer.Ordinal);

    /// <summary>Written into artifacts, so never changed.</summary>
    public string Name { get; } = name;

    /// <summary>From now on, artifacts with models of this kind can be read in this process. Doing so twice is no harm.</summary>
    public static void Add(ForeignRuntime runtime) => Known[runtime.Name] = runtime;

    /// <exception cref="UnknownRuntimeException">Nobody has added it.</exception>
    public static ForeignRuntime Of(string name) =>
        Known.TryGetValue(name, out var runtime) ? runtime : throw new UnknownRuntimeException(name, [.. Known.Keys.Order()]);

    /// <summary>The predictor that <see cref="IForeignPredictor"/> described.</summary>
    /// <exception cref="ArgumentException">The runtime refuses it, or it takes other features.</exception>
    public abstract IForeignPredictor Read(FeatureLayout features, ReadOnlyMemory<byte> content, string binding);
}

/// <summary>A model can't be run here: the program lacks what runs models of its kind.</summary>
public sealed class UnknownRuntimeException(string runtime, IReadOnlyList<string> known) : Exception(
    $"The model is run by '{runtime}', which this program has not" +
    $"{(known.Count == 0 ? "" : $" (it has {string.Join(", ", known)})")}. " +
    $"The capstan command has it; a program of your own references the package Capstan.Models.{runtime} and calls " +
    $"{runtime}Models.Enable() once before it loads models.")
{
    public string Runtime { get; } = runtime;
}
