using System.Reflection;

namespace Capstan;

/// <summary>The version of this library.</summary>
public static class CapstanVersion
{
    /// <summary>Such as "0.1.0", without the build's suffix.</summary>
    public static string Text { get; } =
        typeof(CapstanVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
