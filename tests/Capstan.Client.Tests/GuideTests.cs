using System.Runtime.CompilerServices;

namespace Capstan.Client.Tests;

public sealed class GuideTests
{
    static string Text(string path, [CallerFilePath] string caller = "") => File.ReadAllText(Path.Combine(Path.GetDirectoryName(caller)!, path));

    [Fact]
    public void Every_line_of_code_in_the_guide_is_compiled()
    {
        var compiled = Text("GuideExample.cs").Split('\n').Select(line => line.Trim()).ToHashSet();
        var isCode = false;
        var lines = 0;
        foreach (var line in Text("../../docs/guide/client.md").Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                isCode = line == "```csharp";
            }
            else if (isCode && line.Trim().Length > 0)
            {
                lines++;
                Assert.Contains(line.Trim(), compiled);
            }
        }

        Assert.True(lines > 8);
    }
}
