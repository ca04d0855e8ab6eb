using Capstan.Features;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// Runs models of another kind each in a process of its own, which has their runtime: whatever one does (crash, loop for ever, take all
/// memory), this process and the other models go on. <see cref="ForeignRuntime.Add"/> makes it the runtime of its kind.
/// </summary>
/// <param name="name">Of the runtime: <see cref="Onnx"/>.</param>
public sealed class IsolatedRuntime(string name, IsolationOptions options) : ForeignRuntime(name)
{
    /// <summary>The runtime of ONNX models.</summary>
    public const string Onnx = "OnnxRuntime";

    /// <summary>Starts a process that loads the model.</summary>
    /// <exception cref="ForeignModelException">The process can't be started, or did not get through loading.</exception>
    /// <inheritdoc/>
    public override IForeignPredictor Read(FeatureLayout features, ReadOnlyMemory<byte> content, string binding) =>
        new IsolatedPredictor(Name, features, content, binding, options);
}
