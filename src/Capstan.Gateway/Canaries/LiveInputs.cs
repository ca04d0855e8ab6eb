using System.Globalization;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>
/// What a model is asked, summarised as its training data was, by the reader that its replicas read with. Not thread-safe.
/// </summary>
sealed class LiveInputs
{
    readonly TableStatistics _training;
    readonly TableStatistics _live;
    readonly InstanceReader _reader;

    public LiveInputs(ModelArtifact artifact)
    {
        var model = new ArtifactModel("canary", artifact);
        (_training, _live) = (artifact.TrainingStatistics, new TableStatistics(model.Inputs));
        _reader = new InstanceReader(model.Inputs, new FieldPaths(model.Inputs.Names.Concat(model.UnusedColumns)));
    }

    public long Rows => _live.RowCount;

    /// <param name="body"><c>{"instances":[…]}</c>; one of another form, or that the model would refuse, tells nothing and is left out.</param>
    public void Observe(byte[] body)
    {
        try
        {
            _reader.Read(body);
            _live.Observe(_reader.Batch);
        }
        catch (RefusedRequestException)
        {
            // Its caller was told.
        }
    }

    /// <summary>
    /// The column that is farthest from the training data: by L-infinity of texts and booleans, by Jensen–Shannon of numbers, by the share
    /// of missing values of all. Timestamps are left out: time moves on by itself.
    /// </summary>
    /// <param name="most">What is allowed beyond what chance gives two samples of these sizes.</param>
    /// <returns>The column and its distance in words; null where none is farther than that.</returns>
    public string? Skewed(double most)
    {
        var worst = _live.Schema.Fields.Where(field => field.Type != DataType.Timestamp && _training.Schema.IndexOf(field.Name) >= 0)
            .SelectMany(field => DistancesOf(field.Name))
            .Where(each => each.Distance.Value > most + each.Distance.ByChance)
            .OrderByDescending(each => each.Distance.Value).FirstOrDefault();
        return worst.Column is null ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"column '{worst.Column}' is {worst.Distance.Value:0.###} from the training data ({worst.Measure}) in {Rows:N0} instances; {most} is allowed, " +
            $"and chance explains {worst.Distance.ByChance:0.###}");
    }

    IEnumerable<(string Column, string Measure, Distance Distance)> DistancesOf(string column)
    {
        var distance = ColumnDistance.Between(_training[column], _live[column]);
        yield return (column, "missing values", distance.Missing);
        if (distance.LInfinity is { } share)
        {
            yield return (column, share.At is { } value ? $"L-infinity, at '{value}'" : "L-infinity", share);
        }
        else if (distance.JensenShannon is { } shape)
        {
            yield return (column, "Jensen–Shannon", shape);
        }
    }
}
