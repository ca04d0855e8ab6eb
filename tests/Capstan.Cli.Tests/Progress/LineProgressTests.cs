using Capstan.Cli.Tests.Frame;

namespace Capstan.Cli.Tests.Progress;

public sealed class LineProgressTests
{
    readonly CapturedTerminal _terminal = new();

    [Fact]
    public async Task A_line_every_ten_seconds_and_one_at_the_end()
    {
        var session = new CommandSession(_terminal.Terminal, json: true, quiet: false);
        await session.WithProgressAsync(progress =>
        {
            using var stage = progress.Start("epoch 1 of 2", 4000, "rows");
            for (var second = 1; second <= 20; second++)
            {
                _terminal.Clock.Advance(TimeSpan.FromSeconds(1));
                stage.Show($"loss 0.{second}");
                stage.Advance(200);
            }

            stage.Complete();
            return Task.FromResult(0);
        });
        Assert.Equal(
            "epoch 1 of 2: 50 % · 2 k of 4 k rows · 200 rows/s · 10 s left · loss 0.10\n" +
            "epoch 1 of 2: 100 % · 4 k of 4 k rows · 200 rows/s · loss 0.20\n" +
            "epoch 1 of 2: done · 4 k rows · 200 rows/s · 20 s · loss 0.20\n", _terminal.Error);
        Assert.Empty(_terminal.Output);
    }

    [Fact]
    public void A_stage_that_is_left_early_says_so()
    {
        var progress = new LineProgress(_terminal.Terminal.Error, _terminal.Clock);
        progress.Start("reading", null, "rows").Dispose();
        Assert.Equal("reading: broken off · 0 rows · 0 s\n", _terminal.Error);
    }

    [Fact]
    public async Task Quiet_work_says_nothing()
    {
        var session = new CommandSession(_terminal.Terminal, json: false, quiet: true);
        session.Remark("not this");
        Assert.Equal(7, await session.WithProgressAsync(progress =>
        {
            using var stage = progress.Start("reading", 1, "rows");
            stage.Advance(1);
            stage.Complete();
            return Task.FromResult(7);
        }));
        Assert.Empty(_terminal.Error);
    }
}
