using Capstan.Cli.Tests.Frame;
using Capstan.Training;

namespace Capstan.Cli.Tests.Progress;

public sealed class TrainingStagesTests
{
    readonly StringWriter _lines = new() { NewLine = "\n" };

    [Fact]
    public void Every_stage_is_told_once_with_its_rows_and_notices_are_kept()
    {
        using (var stages = new TrainingStages(new LineProgress(_lines, new ManualClock())))
        {
            stages.Report(new TrainingReport.Reading("reading", 100, 200));
            stages.Report(new TrainingReport.Reading("reading", 200, 200));
            stages.Report(new TrainingReport.Notice("a column is constant"));
            stages.Report(new TrainingReport.Learning(new TrainingProgress(1, 2, 200, 400, 0, null, 0.5, new EpochResult(1, 0.5, 0.25))));
            stages.Report(new TrainingReport.Learning(new TrainingProgress(2, 2, 400, 400, 0, null, 0.125, new EpochResult(2, 0.125, 0.25))));
            stages.Complete();
            Assert.Equal(["a column is constant"], stages.Notices);
        }

        Assert.Equal("reading: done · 200 rows · 0 s\nlearning: done · 400 rows · 0 s · epoch 2 of 2 · loss 0.125 · validation 0.25\n", _lines.ToString());
    }

    [Fact]
    public void A_stage_that_begins_again_is_a_stage_of_its_own_and_one_cut_short_says_so()
    {
        using (var stages = new TrainingStages(new LineProgress(_lines, new ManualClock())))
        {
            stages.Report(new TrainingReport.Reading("analysing", 200, 200));
            stages.Report(new TrainingReport.Reading("analysing", 50, 200));
        }

        Assert.Equal("analysing: done · 200 rows · 0 s\nanalysing: broken off · 50 rows · 0 s\n", _lines.ToString());
    }
}
