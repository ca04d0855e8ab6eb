using System.Diagnostics;

namespace Capstan.Tests.Support;

/// <summary>Waits for what happens, not for a time.</summary>
static class Waiting
{
    /// <summary>
    /// Long, so that no machine is so busy that it is over: it only turns a test that would wait for ever into one that says what it waited for.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="what">What is waited for, as a sentence.</param>
    /// <param name="found">What to tell where it does not become so: what was there instead.</param>
    public static Task UntilAsync(string what, Func<bool> isSo, Func<string>? found = null) => UntilAsync(what, () => Task.FromResult(isSo()), found);

    /// <inheritdoc cref="UntilAsync(string, Func{bool}, Func{string})"/>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, Func<string>? found = null)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < Patience, $"{what}: not after {Patience.TotalMinutes:0} minutes. {found?.Invoke()}");
            await Task.Delay(20);
        }
    }
}
