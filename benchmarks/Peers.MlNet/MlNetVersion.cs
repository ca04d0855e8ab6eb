using System.Reflection;
using Microsoft.ML;

namespace Capstan.Benchmarks.Peers;

static class MlNetVersion
{
    /// <summary>The package's version, without the commit that follows it.</summary>
    public static string Text => typeof(MLContext).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
