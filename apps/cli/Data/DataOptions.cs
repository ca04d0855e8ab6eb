using System.CommandLine;
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
        Description = "What to do with a row that can't be read: fail (the default), skip, " +
            "or quarantine:FILE, which also appends it to a file.",
        HelpName = "fail|skip|quarantine:FILE",
    };

    public static Argument<string[]> Files(string name = "DATA") => new(name)
    {
        Description = "CSV, Parquet or JSON-lines files; * stands for any part of a file's name.",
        Arity = ArgumentArity.OneOrMore,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_where);
        command.Options.Add(_onBadRow);
    }

    /// <summary>The rows that the line asks for; nothing is opened yet.</summary>
    /// <exception cref="UsageException">The policy for bad rows is none.</exception>
    public Dataset Dataset(ParseResult line, IReadOnlyList<string> files) =>
        Where(line, files, PolicyOf(line.GetValue(_onBadRow)));

    /// <summary>The same rows for a command to which broken rows are a finding: they are left out where the line says nothing.</summary>
    /// <exception cref="UsageException">The policy for bad rows is none.</exception>
    public Dataset DatasetWithFaults(ParseResult line, IReadOnlyList<string> files) =>
        Where(line, files, PolicyOf(line.GetValue(_onBadRow) ?? "skip"));

    /// <summary>The same rows for a look before the reading that counts: bad rows are not put into quarantine twice.</summary>
    public Dataset DatasetForALook(ParseResult line, IReadOnlyList<string> files)
    {
        var policy = PolicyOf(line.GetValue(_onBadRow));
        return Where(line, files, policy == BadRowPolicy.Fail ? policy : BadRowPolicy.Skip);
    }

    Dataset Where(ParseResult line, IReadOnlyList<string> files, BadRowPolicy policy)
    {
        var dataset = Capstan.Dataset.Read(files, new ReadOptions { OnBadRow = policy });
        return line.GetValue(_where) is { } condition ? dataset.Where(condition) : dataset;
    }

    static BadRowPolicy PolicyOf(string? text) => text switch
    {
        null or "fail" => BadRowPolicy.Fail,
        "skip" => BadRowPolicy.Skip,
        _ when text.StartsWith(QuarantineWord, StringComparison.Ordinal) && text.Length > QuarantineWord.Length =>
            BadRowPolicy.Quarantine(text[QuarantineWord.Length..]),
        _ => throw new UsageException($"--on-bad-row was given '{text}', expected fail, skip or quarantine:FILE."),
    };
}
