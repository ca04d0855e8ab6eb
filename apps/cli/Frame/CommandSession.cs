using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Capstan.Cli;

/// <summary>What a running command has at hand: where results go, in which form, and how progress is shown.</summary>
sealed class CommandSession(Terminal terminal, bool json, bool quiet)
{
    static readonly JsonWriterOptions JsonOptions = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Nothing is wrapped in a file or a pipe: a row of a table stays a line.
    const int WidthOfFiles = 2000;

    readonly Lazy<IAnsiConsole> _output = new(() => Console(terminal.Output, terminal.OutputIsScreen));

    public Terminal Terminal { get; } = terminal;

    /// <summary>Programs read the output: one JSON object and nothing else.</summary>
    public bool Json { get; } = json;

    public bool Quiet { get; } = quiet;

    /// <summary>Tables and colours for people, on standard output; plain text where that is not a screen.</summary>
    public IAnsiConsole Output => _output.Value;

    /// <summary>How many characters fit on a line of the output.</summary>
    public int Width => Output.Profile.Width;

    /// <summary>
    /// Writes a table. Where nobody watches a screen its lines end where their text ends, and empty ones are left out.
    /// </summary>
    public void Write(IRenderable result)
    {
        if (Terminal.OutputIsScreen)
        {
            Output.Write(result);
            return;
        }

        var text = new StringWriter { NewLine = "\n" };
        Console(text, false).Write(result);
        foreach (var line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            Terminal.Output.WriteLine(line);
        }
    }

    /// <summary>Writes the result for programs.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, JsonOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        Terminal.Output.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>A remark for people that is not the result.</summary>
    public void Remark(string sentence)
    {
        if (!Quiet)
        {
            Terminal.Error.WriteLine(sentence);
        }
    }

    /// <summary>
    /// Runs long work with its progress on standard error: bars on a screen, otherwise a line now and then; nothing with --quiet.
    /// </summary>
    public Task<TResult> WithProgressAsync<TResult>(Func<IWorkProgress, Task<TResult>> work) => Quiet
        ? work(SilentProgress.Instance)
        : Terminal.ErrorIsScreen && !Json
            ? BarProgress.RunAsync(Console(Terminal.Error, true), Terminal.Time, work)
            : work(new LineProgress(Terminal.Error, Terminal.Time));

    static IAnsiConsole Console(TextWriter writer, bool isScreen)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isScreen ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isScreen ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isScreen ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!isScreen)
        {
            console.Profile.Width = WidthOfFiles;
        }

        return console;
    }
}
