using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>Features for a model that was trained elsewhere.</summary>
public sealed partial class PipelineTraining
{
    /// <summary>Fits the features on all rows that pass the filter: nothing is learned from them, so none are held out.</summary>
    /// <exception cref="PipelineException">The pipeline is wrong in itself or does not fit the data.</exception>
    internal async Task<(IBatchSource Source, FrozenTransform Transform, TableStatistics Statistics)> FitForImportAsync(
        Dataset dataset, CancellationToken cancellationToken)
    {
        pipeline.Validate();
        var source = await OpenAsync(dataset, cancellationToken);
        var (_, transform, statistics) = await PrepareAsync(source, cancellationToken);
        return (source, transform, statistics!); // missing only under Pushdown, which imports have not
    }
}
