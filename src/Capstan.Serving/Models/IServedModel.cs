using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// A model that can answer requests: raw rows in, predictions out. Immutable and safe to share between threads.
/// </summary>
public interface IServedModel
{
    /// <summary>The name in the URL: letters, digits, '-', '_' and '.'.</summary>
    string Name { get; }

    /// <summary>The content hash of the artifact, in hexadecimal; sent with every prediction.</summary>
    string Version { get; }

    /// <summary>How many predictions an instance gets, and what they are.</summary>
    ModelOutput Output { get; }

    /// <summary>The raw columns that every instance must have (null says "missing"); at least one.</summary>
    Schema Inputs { get; }

    /// <summary>
    /// Other columns of the training data (the label, keys): allowed in an instance, whatever their value, and skipped.
    /// </summary>
    ImmutableArray<string> UnusedColumns { get; }

    /// <summary>The classes of a classifier; null for a regression.</summary>
    ClassLabels? Labels { get; }

    /// <summary>Whether its scorers give intervals, too.</summary>
    bool HasIntervals => false;

    /// <summary>
    /// A few rows of <see cref="Inputs"/> as they were collected, at least one: the signature shows the first as an example.
    /// </summary>
    ColumnBatch Examples { get; }

    /// <summary>
    /// How many calls another process scores at the same time while their callers wait; 0 where the calling thread computes.
    /// </summary>
    int Places => 0;

    /// <summary>
    /// Gives back what it holds beside this process's memory as soon as no call is in progress; the next call takes it again.
    /// </summary>
    void Rest()
    {
    }

    /// <summary>A scorer with working memory of its own.</summary>
    IScorer CreateScorer();

    /// <summary>
    /// What attributes its scores to raw columns, with working memory of its own; null for a model that can't be explained.
    /// </summary>
    IExplainer? CreateExplainer() => null;
}

/// <summary>
/// Turns raw rows into predictions. Not thread-safe: the server keeps one for each request in progress and reuses it.
/// </summary>
public interface IScorer
{
    /// <summary>Predicts every row. A row's prediction has the same bits whatever rows are scored with it.</summary>
    /// <param name="rows">Rows with the schema <see cref="IServedModel.Inputs"/>, columns in that order.</param>
    /// <param name="predictions">
    /// [rows.RowCount × Output.Width], overwritten. Regression: the value. Two classes: the probability of the positive one, 0 to
    /// 1. More: the probability of each.
    /// </param>
    void Score(ColumnBatch rows, Span<float> predictions);

    /// <summary>Like <see cref="Score(ColumnBatch, Span{float})"/>, with intervals: only of a model that has some.</summary>
    /// <param name="bounds">[rows.RowCount × 2], overwritten: where each row's interval begins and ends.</param>
    void Score(ColumnBatch rows, Span<float> predictions, Span<float> bounds) =>
        throw new InvalidOperationException("The model has no intervals.");
}
