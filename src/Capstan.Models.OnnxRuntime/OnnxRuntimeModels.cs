using Capstan.Features;
using Microsoft.ML.OnnxRuntime;

namespace Capstan.Models.OnnxRuntime;

/// <summary>
/// What runs ONNX models inside Capstan's artifacts. <see cref="Enable"/> is enough for a program to load and run them; ONNX
/// Runtime's
/// native library is loaded with the first model.
/// </summary>
public sealed class OnnxRuntimeModels : ForeignRuntime
{
    internal const string RuntimeName = "OnnxRuntime";

    OnnxRuntimeModels()
        : base(RuntimeName)
    {
    }

    /// <summary>Lets this process load artifacts that hold ONNX models.</summary>
    public static void Enable() => Add(new OnnxRuntimeModels());

    /// <inheritdoc/>
    public override IForeignPredictor Read(FeatureLayout features, ReadOnlyMemory<byte> content, string binding)
    {
        var bytes = content.ToArray();
        try
        {
            return new OnnxPredictor(OpenSession(bytes), bytes, features, OnnxBinding.Parse(binding));
        }
        catch (OnnxRuntimeException cause)
        {
            throw new ArgumentException($"ONNX Runtime refuses the model: {cause.Message}", cause);
        }
    }

    /// <summary>One thread for each caller: Capstan runs batches side by side, and sums keep their order.</summary>
    internal static InferenceSession OpenSession(byte[] bytes)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new InferenceSession(bytes, options);
    }
}
