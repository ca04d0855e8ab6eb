using System.Globalization;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary>A process that holds one model of another program: started by front doors with this word, never by people.</summary>
static class ForeignProgram
{
    public const string Word = "foreign-model";

    public static async Task<int> RunAsync(string socket, string places)
    {
        await using var input = Console.OpenStandardInput();
        await ForeignHost.RunAsync(socket, int.Parse(places, CultureInfo.InvariantCulture), input);
        return ExitCodes.Ok;
    }
}
