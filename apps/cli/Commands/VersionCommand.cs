using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Capstan.Cli;

/// <summary><c>capstan version</c>: what to put into a report.</summary>
sealed class VersionCommand() : CapstanCommand(
    "version", "Show the versions of Capstan, .NET and this machine.",
    new Example("capstan version", "for people"),
    new Example("capstan version --json", "for programs and reports"))
{
    protected override Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var facts = Facts();
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                foreach (var (name, value) in facts)
                {
                    json.WriteString(name, value);
                }
            });
        }
        else
        {
            foreach (var (name, value) in facts)
            {
                session.Terminal.Output.WriteLine($"{name,-10} {value}");
            }
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    static (string Name, string Value)[] Facts() =>
    [
        ("capstan", OwnVersion()),
        ("dotnet", Environment.Version.ToString()),
        ("system", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})"),
        ("processors", Environment.ProcessorCount.ToString()),
        ("vectors", Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : $"{RuntimeInformation.ProcessArchitecture}"),
    ];

    // The build always sets the attribute.
    static string OwnVersion() =>
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
