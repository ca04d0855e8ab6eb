using System.Text;

namespace Capstan.Tests;

public sealed class TensorBoardLogTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_training_writes_its_curves_and_tells_others_all_the_same()
    {
        var reports = new Reports();
        using (var log = new TensorBoardLog(_folder["run"], TimeProvider.System, reports))
        {
            await new DnnClassifier("Late") { Epochs = 2, BatchSize = 20 }.FitAsync(Dataset.From(Trips.Make(1000)), log, Ct);
        }

        // Tags stand in the file as they are; what the numbers are, the tests of EventFile show.
        var content = Encoding.UTF8.GetString(File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder["run"]))));
        Assert.All(
            ["loss/training", "loss/epoch", "loss/validation", "learning_rate", "rows_per_second", "validation/auc", "validation/log_loss"],
            tag => Assert.Contains(tag, content));
        Assert.Contains(reports.All, report => report is TrainingReport.Learning);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made_is_said_and_training_goes_on()
    {
        var reports = new Reports();
        File.WriteAllText(_folder["file"], "in the way");
        using var log = new TensorBoardLog(Path.Combine(_folder["file"], "run"), TimeProvider.System, reports);
        await new LinearClassifier("Late") { Epochs = 2 }.FitAsync(Dataset.From(Trips.Make(500)), log, Ct);
        Assert.Contains("could not be written", Assert.Single(reports.Notices, notice => notice.Contains("curves")));
    }
}
