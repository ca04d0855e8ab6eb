using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Finished features as columns, wherever they are computed.</summary>
public interface IFeatureSource : IBatchSource
{
    /// <summary>
    /// In the order of <see cref="IBatchSource.Schema"/>. Their values are single-precision numbers, or integers of 32 bits.
    /// </summary>
    ImmutableArray<string> FeatureNames { get; }
}
