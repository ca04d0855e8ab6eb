namespace Capstan.Training;

/// <summary>How confidence intervals are found.</summary>
public sealed record BootstrapOptions
{
    /// <summary>How often the rows are drawn again; 0 for no intervals. 200 know a standard error within 5 %.</summary>
    public int Replicates { get; init; } = 200;

    /// <summary>Above 0 and below 1.</summary>
    public double Confidence { get; init; } = 0.95;

    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that compute replicates; changes no result.</summary>
    public int Threads { get; init; } = 1;

    /// <exception cref="ArgumentException">One or more values are out of range; the message lists them all.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        if (Replicates is not (0 or (>= 20 and <= 100_000)))
        {
            problems.Add($"{nameof(Replicates)} is {Replicates}, expected 0, or 20 to 100000");
        }

        if (Confidence is not (> 0 and < 1))
        {
            problems.Add($"{nameof(Confidence)} is {Confidence}, expected above 0 and below 1");
        }

        if (Threads < 1)
        {
            problems.Add($"{nameof(Threads)} is {Threads}, expected 1 or more");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException("The bootstrap's options are out of range: " + string.Join("; ", problems) + ".");
        }
    }
}
