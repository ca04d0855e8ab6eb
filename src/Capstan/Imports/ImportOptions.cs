using Capstan.Data;

namespace Capstan;

/// <summary>What to put before an imported model, and what is known of the data it is for.</summary>
public sealed record ImportOptions
{
    /// <summary>What it predicts: a column, or an expression; null where the file says it, or where it is never to be
    /// evaluated.</summary>
    public string? Label { get; init; }

    /// <summary>Raw columns in the order of the model's inputs, where those have other names or none for each column.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>
    /// Features to compute first: the model's inputs then are features, by name or in the pipeline's order, and raw columns
    /// where a
    /// feature has not that name. Needs <see cref="Data"/>; the pipeline's estimator is not used.
    /// </summary>
    public Pipeline? Pipeline { get; init; }

    /// <summary>
    /// Rows such as it will predict: columns keep their types, features are fitted on them, and their statistics, some of them
    /// as golden
    /// rows and as what explanations are relative to go with the model.
    /// </summary>
    public Dataset? Data { get; init; }

    /// <summary>How many threads read the data; changes no result.</summary>
    public int Threads { get; init; } = ParallelPass.AllThreads;
}
