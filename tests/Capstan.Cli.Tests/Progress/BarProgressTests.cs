using Capstan.Cli.Tests.Frame;
using Spectre.Console;

namespace Capstan.Cli.Tests.Progress;

public sealed class BarProgressTests
{
    [Fact]
    public async Task The_bar_shows_name_pace_and_figure_and_gives_the_works_result()
    {
        var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(written),
        });
        console.Profile.Width = 160;
        var clock = new ManualClock();
        var result = await BarProgress.RunAsync(console, clock, progress =>
        {
            using var stage = progress.Start("epoch [1]", 100, "rows");
            clock.Advance(TimeSpan.FromSeconds(2));
            stage.Show("loss 0.5");
            stage.Advance(100);
            stage.Complete();
            return Task.FromResult("done");
        });
        Assert.Equal("done", result);
        Assert.Contains("epoch [1]: 100 % · 100 of 100 rows · 50 rows/s · loss 0.5", written.ToString());
    }

    [Fact]
    public async Task A_failure_of_the_work_comes_through()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(new StringWriter()) });
        await Assert.ThrowsAsync<IOException>(() => BarProgress.RunAsync<int>(console, new ManualClock(), progress =>
        {
            using var stage = progress.Start("reading", null, "rows");
            throw new IOException("gone");
        }));
    }
}
