namespace Capstan.Cli;

/// <summary>
/// Where a command writes: results to <see cref="Output"/>, everything else (progress, warnings, errors) to <see cref="Error"/>.
/// </summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="OutputIsScreen">A person sees the output as it is written.</param>
/// <param name="ErrorIsScreen">A person sees the errors as they are written, so that progress may be drawn there.</param>
/// <param name="ShowDetails">Failures come with everything that a programmer wants to see.</param>
/// <param name="Time">The clock of rates and estimates.</param>
sealed record Terminal(
    TextWriter Output, TextWriter Error, bool OutputIsScreen, bool ErrorIsScreen, bool ShowDetails, TimeProvider Time)
{
    public const string DetailsVariable = "CAPSTAN_DEBUG";

    public static Terminal OfProcess()
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new Terminal(
            Console.Out,
            Console.Error,
            !Console.IsOutputRedirected && !dumb,
            !Console.IsErrorRedirected && !dumb,
            Environment.GetEnvironmentVariable(DetailsVariable) is not (null or "" or "0"),
            TimeProvider.System);
    }
}
