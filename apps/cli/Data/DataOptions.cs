using System.CommandLine;
using Capstan.Cluster;
using Capstan.Data.DuckDb;

namespace Capstan.Cli;

/// <summary>The options of every command that reads data files.</summary>
sealed class DataOptions
{
    const string QuarantineWord = "quarantine:";

    readonly Option<string?> _where = new("--where")
    {
        Description = "Only rows that meet a condition, such as 'fare > 0 and month(pickup) < 6'.", HelpName = "CONDITION",
    };

    readonly Option<string?> _onBadRow = new("--on-bad-row")
    {
        Description = "What to do with a row that can't be read: fail (the default), skip, null (a value that can't be read " +
            "is missing), or quarantine:FILE, which leaves the row out and appends it to a file.",
        HelpName = "fail|skip|null|quarantine:FILE",
    };

    readonly Option<bool> _unite = new("--unite")
    {
        Description = "Files may lack columns that others have; their values are missing there.",
    };

    public static Argument<string[]> Files(string name = "DATA") => new(name)
    {
        Description = "CSV, Parquet, JSON-lines or Arrow files, or folders of them; " +
            "* stands for any part of a name, ** for any folders.",
        Arity = ArgumentArity.OneOrMore,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_where);
        command.Options.Add(_onBadRow);
        command.Options.Add(_unite);
    }

    /// <summary>The rows that the line asks for; nothing is opened yet.</summary>
    /// <exception cref="UsageException">The policy for bad rows is none.</exception>
    public Dataset Dataset(ParseResult line, IReadOnlyList<string> files) =>
        Where(line, files, PolicyOf(line.GetValue(_onBadRow)));

    /// <summary>
    /// The same rows for a command to which what can't be read is a finding: where the line says nothing, values are missing
    /// and rows left out.
    /// </summary>
    /// <exception cref="UsageException">The policy for bad rows is none.</exception>
    public Dataset DatasetWithFaults(ParseResult line, IReadOnlyList<string> files) =>
        Where(line, files, PolicyOf(line.GetValue(_onBadRow) ?? "null"));

    /// <summary>The same rows for a look before the reading that counts: bad rows are not put into quarantine twice.</summary>
    public Dataset DatasetForALook(ParseResult line, IReadOnlyList<string> files)
    {
        var policy = PolicyOf(line.GetValue(_onBadRow));
        return Where(line, files, policy == BadRowPolicy.Fail || policy == BadRowPolicy.Null ? policy : BadRowPolicy.Skip);
    }

    /// <summary>The same rows for the members of a cluster.</summary>
    /// <exception cref="UsageException">The policy for bad rows is none that several readers can follow.</exception>
    public TrainingOrder ShareRows(ParseResult line, TrainingOrder order) => order with
    {
        Where = line.GetValue(_where),
        UniteColumns = line.GetValue(_unite),
        SkipBadRows = line.GetValue(_onBadRow) switch
        {
            null or "fail" => false,
            "skip" => true,
            var other => throw new UsageException($"--on-bad-row was given '{other}'; with --workers it is fail or skip."),
        },
    };

    /// <summary>Work on the rows that the line asks for, for the members of a cluster.</summary>
    /// <exception cref="UsageException">The policy for bad rows is none that several readers can follow.</exception>
    public DataOrder Order(ParseResult line, DataAction action, IEnumerable<string> files) => new(action, [.. files])
    {
        Folder = Directory.GetCurrentDirectory(),
        Where = line.GetValue(_where),
        UniteColumns = line.GetValue(_unite),
        OnBadRow = line.GetValue(_onBadRow) switch
        {
            null or "fail" => BadRowOrder.Fail,
            "skip" => BadRowOrder.Skip,
            "null" => BadRowOrder.Null,
            var other => throw new UsageException($"--on-bad-row was given '{other}'; with --workers it is fail, skip or null."),
        },
    };

    Dataset Where(ParseResult line, IReadOnlyList<string> files, BadRowPolicy policy)
    {
        var dataset = Capstan.Dataset.Read(files, new ReadOptions { OnBadRow = policy, UniteColumns = line.GetValue(_unite) });
        return line.GetValue(_where) is { } condition ? dataset.Where(condition) : dataset;
    }

    static BadRowPolicy PolicyOf(string? text) => text switch
    {
        null or "fail" => BadRowPolicy.Fail,
        "skip" => BadRowPolicy.Skip,
        "null" => BadRowPolicy.Null,
        _ when text.StartsWith(QuarantineWord, StringComparison.Ordinal) && text.Length > QuarantineWord.Length =>
            BadRowPolicy.Quarantine(text[QuarantineWord.Length..]),
        _ => throw new UsageException($"--on-bad-row was given '{text}', expected fail, skip, null or quarantine:FILE."),
    };
}
