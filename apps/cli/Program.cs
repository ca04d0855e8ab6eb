using Capstan.Cli;
using Capstan.Models.OnnxRuntime;

OnnxRuntimeModels.Enable();
using var interruption = new Interruption(Terminal.OfProcess());
if (args is [ForeignProgram.Word, var socket, var places])
{
    return await ForeignProgram.RunAsync(socket, places);
}

return args is [JobProgram.Word, .. var words, var folder]
    ? await JobProgram.RunAsync(words, folder, interruption.Token)
    : await CommandLine.RunAsync(CommandLine.Commands, args, interruption.Terminal, interruption.Token);
