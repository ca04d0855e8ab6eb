namespace Capstan.Cli;

/// <summary>
/// What the process ends with; scripts rely on the numbers. Told by <c>capstan --help</c> and docs/guide/cli.md.
/// </summary>
static class ExitCodes
{
    public const int Ok = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int BadData = 3;
    public const int BadModel = 4;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;

    public static readonly (int Code, string Meaning)[] All =
    [
        (Ok, "done"),
        (Failure, "failed: what and why is on standard error"),
        (Usage, "the command line, a pipeline or an expression is wrong"),
        (BadData, "the data is missing, unreadable or not what was expected"),
        (BadModel, "the model is missing, damaged or of another format"),
        (Cancelled, "cancelled (Ctrl-C)"),
    ];
}
