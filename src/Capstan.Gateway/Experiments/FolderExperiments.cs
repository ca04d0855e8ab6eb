using System.Text;

namespace Capstan.Gateway;

/// <summary>
/// Keeps the outcomes of one gateway in a folder of its own, a file for each model, a JSON object a line. A position is that of the
/// line's end in the file.
/// </summary>
sealed class FolderExperiments(string folder) : IExperimentStore
{
    readonly Lock _gate = new();

    public Task AddAsync(string model, JoinedOutcome outcome, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Directory.CreateDirectory(folder);
            File.AppendAllText(FileOf(model), outcome.ToJson() + "\n");
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<(long Position, JoinedOutcome Outcome)>> ReadAsync(string model, long after, CancellationToken cancellationToken)
    {
        var found = new List<(long, JoinedOutcome)>();
        lock (_gate)
        {
            var file = new FileInfo(FileOf(model));
            if (file.Exists && file.Length > after)
            {
                var bytes = new byte[file.Length - after];
                using (var content = file.OpenRead())
                {
                    content.Position = after;
                    content.ReadExactly(bytes);
                }

                var start = 0;
                for (int length; (length = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += length + 1)
                {
                    if (JoinedOutcome.FromJson(Encoding.UTF8.GetString(bytes, start, length)) is { } outcome)
                    {
                        found.Add((after + start + length + 1, outcome));
                    }
                }
            }
        }

        return Task.FromResult<IReadOnlyList<(long, JoinedOutcome)>>(found);
    }

    public Task<OutcomeVerdict?> AskAsync(OutcomeQuestion question, CancellationToken cancellationToken) => Task.FromResult<OutcomeVerdict?>(null);

    public Task AnswerAsync(Func<OutcomeQuestion, FoundAnswer?> find, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task TellAsync(IReadOnlyList<ExposureCount> own, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ExposureCount>> OthersAsync(string model, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ExposureCount>>([]);

    string FileOf(string model) => Path.Combine(folder, $"outcomes.{model}.jsonl");
}
