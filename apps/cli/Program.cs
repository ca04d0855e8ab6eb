using Capstan.Cli;
using Capstan.Models.OnnxRuntime;

OnnxRuntimeModels.Enable();
using var interruption = new Interruption(Terminal.OfProcess());
return await CommandLine.RunAsync(CommandLine.Commands, args, interruption.Terminal, interruption.Token);
