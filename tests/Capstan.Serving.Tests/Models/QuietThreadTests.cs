using System.Globalization;

namespace Capstan.Serving.Tests.Models;

public sealed class QuietThreadTests
{
    [Fact]
    public async Task What_the_work_gives_or_throws_is_the_callers()
    {
        Assert.Equal(7, await QuietThread.RunAsync(() => 7));
        await Assert.ThrowsAsync<FormatException>(() => QuietThread.RunAsync<int>(() => throw new FormatException()));
    }

    [Fact]
    public async Task The_system_puts_it_behind_the_threads_of_requests_and_only_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a thread's priority can't be read from outside.");
        var before = NicenessOfThisThread();
        Assert.Equal(10, await QuietThread.RunAsync(NicenessOfThisThread));
        Assert.Equal(before, await Task.Run(NicenessOfThisThread));
    }

    /// <remarks>Source: proc_pid_stat(5): the 19th field, the 17th behind the name in parentheses.</remarks>
    static int NicenessOfThisThread()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
