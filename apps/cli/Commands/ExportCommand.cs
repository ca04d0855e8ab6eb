using System.CommandLine;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Cli;

/// <summary><c>capstan export</c>: a model as a file that other programs run.</summary>
sealed class ExportCommand : CapstanCommand
{
    readonly Argument<string> _model = new("MODEL") { Description = "A model's folder." };

    readonly Option<string> _onnx = new("--onnx")
    {
        Description = "The ONNX file to write: raw columns in, predictions out.", HelpName = "FILE", Required = true,
    };

    public ExportCommand()
        : base(
            "export", "Write a model as one file for other programs: an ONNX graph from raw columns to predictions.",
            new Example("capstan export models/trips --onnx trips.onnx", "for ONNX Runtime, in any language"))
    {
        Arguments.Add(_model);
        Options.Add(_onnx);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (model, file) = (TrainedModel.Load(line.GetRequiredValue(_model)), line.GetRequiredValue(_onnx));
        var bytes = OnnxModelExport.Export(model.Artifact);
        await WriteAsync(file, bytes, cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("model", model.Name);
                json.WriteString("hash", model.Hash.ToString());
                json.WriteString("file", file);
                json.WriteNumber("bytes", bytes.Length);
            });
        }
        else
        {
            session.Terminal.Output.WriteLine($"{file}: {model.Name} as ONNX, {ResultTable.Count(bytes.Length)} bytes");
        }

        return ExitCodes.Ok;
    }

    // Aside and renamed: a program that reads the file meanwhile finds the old one or the new one, whole.
    static async Task WriteAsync(string file, byte[] bytes, CancellationToken cancellationToken)
    {
        var aside = $"{file}.part";
        try
        {
            await File.WriteAllBytesAsync(aside, bytes, cancellationToken);
            File.Move(aside, file, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            File.Delete(aside);
            throw new UnwritableFileException(file, cause.Message, cause);
        }
    }
}
