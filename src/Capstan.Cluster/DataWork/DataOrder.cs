using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data.DuckDb;

namespace Capstan.Cluster;

/// <summary>What is done with all rows of some data. The numbers are stored and never reused.</summary>
public enum DataAction
{
    /// <summary>Statistics of every column.</summary>
    Describe = 1,

    /// <summary>Features, of a model or fitted by a pipeline, into files or a table.</summary>
    Transform = 2,

    /// <summary>A prediction for every row.</summary>
    Predict = 3,

    /// <summary>A model's predictions against the labels.</summary>
    Evaluate = 4,
}

/// <summary>What becomes of a row that can't be read. The numbers are stored and never reused.</summary>
public enum BadRowOrder
{
    Fail = 0,

    /// <summary>It is left out.</summary>
    Skip = 1,

    /// <summary>Values that can't be read are missing.</summary>
    Null = 2,
}

/// <summary>Work on data that a cluster shall do: what a job of the kind <see cref="Kind"/> has to know.</summary>
/// <param name="Data">Files as the user writes them, or the address of a database.</param>
public sealed record DataOrder(DataAction Action, ImmutableArray<string> Data)
{
    /// <summary>The kind of jobs that it makes.</summary>
    public const string Kind = "data";

    /// <summary>Where names of files begin, on every node; null: they are full paths.</summary>
    public string? Folder { get; init; }

    /// <summary>Only rows that meet the condition.</summary>
    public string? Where { get; init; }

    public BadRowOrder OnBadRow { get; init; }

    public bool UniteColumns { get; init; }

    /// <summary>A model's folder, by its full name.</summary>
    public string? Model { get; init; }

    /// <summary>For <see cref="DataAction.Transform"/> without a model: the pipeline whose features are fitted on the data itself.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Raw columns that come before what is made.</summary>
    public ImmutableArray<string> Keep { get; init; } = [];

    /// <summary>
    /// Where rows are written, by a full name or an address. Without it, predictions stay with the job until <see cref="DataAnswers"/> takes them.
    /// </summary>
    public string? Out { get; init; }

    /// <summary>For <see cref="DataAction.Transform"/>: several files of so many rows; null for one.</summary>
    public long? RowsPerFile { get; init; }

    /// <summary>For <see cref="DataAction.Evaluate"/>: columns or expressions by whose values metrics are wanted, too.</summary>
    public ImmutableArray<string> Slices { get; init; } = [];

    /// <summary>For <see cref="DataAction.Evaluate"/>: folders of other models, by their full names.</summary>
    public ImmutableArray<string> Against { get; init; } = [];

    /// <summary>Of each worker, from 1; changes no result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>As a job's definition carries it.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    internal static DataOrder Read(string text) =>
        JsonSerializer.Deserialize<DataOrder>(text) ?? throw new JsonException("The data order is null.");

    /// <summary>The rows that it is about.</summary>
    public Dataset Dataset() => Dataset(null);

    /// <param name="seenBy">The coordinator's snapshot of a database; null of files, and for its own.</param>
    internal Dataset Dataset(string? seenBy)
    {
        var policy = OnBadRow switch
        {
            BadRowOrder.Skip => BadRowPolicy.Skip,
            BadRowOrder.Null => BadRowPolicy.Null,
            _ => BadRowPolicy.Fail,
        };
        var rows = Capstan.Dataset.Read(Data, new ReadOptions { OnBadRow = policy, UniteColumns = UniteColumns, Folder = Folder }, seenBy);
        return Where is null ? rows : rows.Where(Where);
    }
}
